import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraPacks

@Suite struct CoreWireTests {
    @Test func requestsReadWhatTheyWrite() throws {
        let id = try #require(PackID("pack03_os_base"))
        let requests: [CoreRequest] = [
            .status, .start([id], wait: .seconds(3)), .start([], wait: .zero),
            .stop([id, id], withDependants: false, wait: .seconds(1)), .health(id), .logs(id, lines: 7, follow: true),
            .beginChange, .endChange, .reload,
        ]
        for request in requests { #expect(try CoreRequest(json: request.json) == request) }
    }

    @Test("a pack that starts as slowly and is healthy as late as a manifest allows can be waited for")
    func longestWait() throws {
        let slow = CoreRequest.start([], wait: .seconds(86_400 + 86_400 + 15))
        #expect(try CoreRequest(json: slow.json) == slow)
    }

    @Test(arguments: [
        "[]", "{}", "{\"v\":2,\"op\":\"status\"}", "{\"v\":1,\"op\":\"format-disk\"}",
        "{\"v\":1,\"op\":\"status\",\"more\":1}", "{\"v\":1,\"op\":\"health\",\"pack\":\"../x\"}",
        "{\"v\":1,\"op\":\"start\",\"packs\":[1],\"wait_ms\":0}",
        "{\"v\":1,\"op\":\"start\",\"packs\":[],\"wait_ms\":-1}",
        "{\"v\":1,\"op\":\"logs\",\"pack\":\"a\",\"lines\":99999999,\"follow\":false}",
    ])
    func aRequestThatIsNotExactlyOneIsRefused(_ text: String) throws {
        #expect { try CoreRequest(json: try JSONParser.parse(text)) } throws: {
            ($0 as? CoreProblem)?.code == "bad_request"
        }
    }

    /// What one side sends and the other makes of it.
    private func exchange(_ bytes: [UInt8], limit: Int = 100) throws -> Result<JSONValue?, any Error> {
        try withTemporaryDirectory { folder in
            let socket = try LocalSocket(.stream, path: "\(folder)/s")
            let stop = try StopSignal()
            var near: LocalStream? = try LocalStream(path: "\(folder)/s")
            let far = try #require(try socket.accept(stop: stop))
            #expect(far.peer.uid == near?.peer.uid)
            try near?.send(bytes, timeout: .seconds(10))
            near = nil
            return Result { try CoreWire.receive(from: far, limit: limit, idle: .seconds(10)) }
        }
    }

    @Test func messagesHaveALengthAndALimit() throws {
        #expect(try exchange([0, 0, 0, 2, 0x7B, 0x7D]).get() == .object([:]))
        #expect(try exchange([]).get() == nil)
        #expect { _ = try exchange([0, 0, 0, 101]).get() } throws: { ($0 as? CoreProblem)?.code == "too_large" }
        #expect { _ = try exchange([0xFF, 0xFF, 0xFF, 0xFF]).get() } throws: {
            ($0 as? CoreProblem)?.code == "too_large"
        }
        // It ended in the middle.
        #expect { _ = try exchange([0, 0, 0, 9, 0x7B]).get() } throws: { ($0 as? SystemError)?.errno == ECONNRESET }
        #expect(throws: JSONError.self) { _ = try exchange([0, 0, 0, 2, 0x7B, 0x7B]).get() }
    }

    @Test func aSilentClientIsGivenUp() throws {
        try withTemporaryDirectory { folder in
            let socket = try LocalSocket(.stream, path: "\(folder)/s")
            let near = try LocalStream(path: "\(folder)/s")
            let far = try #require(try socket.accept(stop: try StopSignal()))
            #expect { _ = try CoreWire.receive(from: far, limit: 10, idle: .milliseconds(20)) } throws: {
                ($0 as? SystemError)?.errno == ETIMEDOUT
            }
            withExtendedLifetime(near) {}
        }
    }
}
