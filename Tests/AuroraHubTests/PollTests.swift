import AuroraHTTP
import AuroraModel
import AuroraSystem
import Synchronization
import Testing

@testable import AuroraHub

@Suite("What every poll goes through")
struct PollTests {
    @Test("S-01 the scheme of a token may be written in any case, anything but one token after it is 401")
    func bearer() throws {
        try withHub { hub in
            let token = try hub.person("vic", .viewer)
            let good = ["Bearer \(token)", "bearer \(token)", "BEARER   \(token)", "Bearer \(token) "]
            for field in good {
                for _ in 0..<2 {
                    let answer = hub.send(.get, "/list", port: .updater, headers: ["Authorization": field])
                    #expect(answer.status == 200, "\(field.prefix(12))")
                }
            }
            let long = String(repeating: "a", count: 513)
            for field in [
                "", "Bearer", "Bearer ", token, " Bearer", "Basic \(token)", "Bearers \(token)", "Bearer \(long)",
            ] {
                let answer = hub.send(.get, "/list", port: .updater, headers: ["Authorization": field])
                #expect(answer.status == 401 && answer.code == "invalid_token", "\(field.prefix(12))")
            }
        }
    }

    @Test("a list that many ask for at once is made once")
    func madeOnce() throws {
        try withHub { hub in
            let table = hub.hub.handler(for: .updater).gatekeeper.table
            guard case .route(let route, _) = table.find(method: .get, segments: ["list"], port: .updater) else {
                Issue.record("there is no /list")
                return
            }
            let context = RequestContext(
                id: "rq-1", head: RequestHead(method: .get, target: "/list", path: ["list"]), port: .updater,
                route: route, values: [:], identity: nil, csrf: nil, now: 0)
            let polls = PollCache(tls: false) { 1 }
            let made = Monitor(0)
            let answered = Atomic<Int>(0)
            let threads = (0..<4).compactMap { _ in
                ServiceThread(name: "poll") {
                    let answer = try? polls.answer(context) {
                        made.change(wakingAll: true) { $0 += 1 }
                        // Gives a second one the time to begin, if there were to be one.
                        _ = made.wait(timeout: .milliseconds(300)) { $0 > 1 ? true : nil }
                        return Array("{}".utf8)
                    }
                    if answer?.status == 200 { answered.add(1, ordering: .relaxed) }
                }
            }
            for thread in threads { thread.join() }
            #expect(threads.count == 4 && answered.load(ordering: .relaxed) == 4)
            #expect(made.withLock { $0 } == 1)
        }
    }
}
