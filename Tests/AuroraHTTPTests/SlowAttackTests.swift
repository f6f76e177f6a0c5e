import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraHTTP

/// S-21 by a tool others made (slowhttptest): 500 connections that send as slowly as they can.
///
/// Its slow readers never read far enough to see that they were cut; ``SlowClientTests`` looks at those from this side.
@Suite struct SlowAttackTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        let arguments: [String]
        var testDescription: String { name }
    }

    static let attacks = [
        Attack(name: "slow headers", arguments: ["-H", "-i", "1"]),
        Attack(name: "slow body", arguments: ["-B", "-i", "1", "-s", "8192", "-x", "10"]),
    ]

    @Test(
        "S-21: 500 connections of slowhttptest are all cut, and other clients are served meanwhile", arguments: attacks)
    func attack(_ attack: Attack) throws {
        let handler = TestHandler(respond: { request in
            HTTPResponse(text: request.head.path == ["well"] ? "well" : "slow")
        })
        let configuration = HTTPServerConfiguration.test {
            $0.limits.headerTime = .seconds(2)
            $0.limits.progressTime = .seconds(2)
            $0.limits.minimumRate = 4096
        }
        try withServer(handler, configuration: configuration) { server in
            var spec = ProcessSpec(
                executable: "/usr/bin/slowhttptest",
                arguments: attack.arguments + [
                    "-c", "500", "-r", "500", "-l", "240", "-p", "60", "-u",
                    "http://127.0.0.1:\(server.boundPort)/slow",
                ])
            spec.timeout = .seconds(300)
            let outcome = Collected<ProcessResult?>()
            let started = ServiceThread(name: "attacker") { [spec] in outcome.add(try? Processes.run(spec)) }
            let attacker = try #require(started)
            var served = 0
            while outcome.all.isEmpty {
                let client = try RawClient(port: server.boundPort)
                client.send("GET /well HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(try client.readAnswer().text == "well")
                served += 1
            }
            attacker.join()
            let result = try #require(outcome.all[0])
            let text = String(decoding: result.output, as: UTF8.self)
            #expect(text.contains("No open connections left"), "\(text.suffix(2000))")
            #expect(served > 0)
        }
    }
}
