import AuroraAudit
import AuroraHTTP
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("What strangers and viewers cannot fill, and what every change writes down")
struct BoundTests {
    @Test("a list is kept once, however its path is spelled")
    func pollSpellings() throws {
        try withHub { hub in
            let viewer = try hub.person("vic", .viewer)
            let polls = hub.hub.handler(for: .updater).polls
            for path in ["/list", "/%6cist", "/l%69st", "/li%73t", "//list", "/lis%74", "/list?x=1"] {
                let answer = hub.send(.get, path, port: .updater, token: viewer)
                #expect(answer.status == 200 && answer.json["staged"] != nil, "\(path)")
            }
            #expect(polls.count == 1)
            #expect(polls.current(.updater, target: "/list") != nil)
            #expect(polls.current(.updater, target: "/%6cist") == nil)
        }
    }

    @Test("strangers from one IPv6 /64 share one limit, those from another have their own")
    func networkLimit() throws {
        let limited: (String) -> String = { folder in
            TestHub.yaml(folder).replacing("stranger_burst: 100000", with: "stranger_burst: 3")
                .replacing("stranger_requests_per_second: 100000", with: "stranger_requests_per_second: 1")
        }
        try withHub(yaml: limited) { hub in
            func ask(_ address: String) -> Int { hub.send(.get, "/api/v1/whoami", address: address).status }
            let one = (1...6).map { ask("2001:db8:0:1::\($0)") }
            #expect(one == [401, 401, 401, 429, 429, 429])
            #expect(ask("2001:db8:0:1:ffff:1:2:3") == 429)
            #expect(ask("2001:db8::1:0:0:0:9") == 429)
            #expect(ask("2001:db8:0:2::1") == 401)
            #expect(ask("192.0.2.1") == 401)
        }
    }

    @Test("the limiter's memory is bounded, and forgets who has been quiet")
    func limiterMemory() {
        let limiter = RateLimiter(perSecond: 1, burst: 2)
        for index in 0..<50_000 { _ = limiter.take("key \(index)", now: 1000) }
        #expect(limiter.count <= 20_001)
        // Who is beyond the capacity shares one bucket: bounded memory must not mean no limit.
        #expect(limiter.take("one more", now: 1000) != nil)
        #expect(limiter.take("key 1", now: 1000) == nil)
        #expect(limiter.take("key 1", now: 1000) != nil)
        #expect(limiter.take("fresh", now: 10_000) == nil)
        #expect(limiter.count < 10)
    }

    @Test("S-09 the login throttle counts an IPv6 network as one source, and its memory is bounded")
    func throttleMemory() {
        let throttle = LoginThrottle()
        for index in 1...6 { throttle.failed(account: "ann", address: "2001:db8:0:1::\(index)", now: 1000) }
        #expect(throttle.wait(account: "ann", address: "2001:db8:0:1:ffff::9", now: 1000) != nil)
        #expect(throttle.wait(account: "ann", address: "2001:db8:0:2::1", now: 1000) == nil)
        for index in 0..<10_020 {
            throttle.failed(account: "a\(index)", address: "10.0.\(index / 256).\(index % 256)", now: 2000)
        }
        #expect(throttle.count.pairs <= 10_000 && throttle.count.addresses <= 10_000)
        // Those who wait keep waiting as long as there is room; the oldest goes first.
        #expect(throttle.wait(account: "ann", address: "2001:db8:0:1::1", now: 1000) == nil)
    }

    @Test("an upload whose head is wrong leaves nothing behind")
    func refusedUpload() throws {
        try withHub { hub in
            let token = try hub.person("rel", .release)
            for value in ["maybe", "1", "?2"] {
                let answer = hub.send(
                    .post, "/api/v1/uploads?filename=a.tar", token: token, headers: ["Upload-Complete": value],
                    body: [1, 2, 3])
                #expect(answer.status == 400, "\(answer.text)")
            }
            #expect(try DirectoryNames.read(in: hub.folder + "/state/uploads").isEmpty)
        }
    }

    @Test("S-35 beginning and giving up an upload are in the log")
    func auditedUploads() throws {
        try withHub { hub in
            let token = try hub.person("rel", .release)
            let begun = hub.send(
                .post, "/api/v1/uploads?filename=a.tar", token: token, headers: ["Upload-Complete": "?0"],
                body: [1, 2, 3])
            #expect(begun.status == 201, "\(begun.text)")
            let id = try #require(begun.json["id"]?.string)
            #expect(hub.send(.delete, "/api/v1/uploads/\(id)", token: token).status == 204)
            let entries = try hub.entries().filter { $0.action.hasPrefix("upload.") }
            #expect(entries.map(\.action) == ["upload.begin", "upload.cancel"])
            for entry in entries {
                #expect(entry.actor.name == "rel" && entry.subject == "a.tar" && entry.outcome == .accepted)
                #expect(entry.details.contains(AuditEntry.Detail("upload", id)))
            }
        }
    }

    @Test("S-35 a trial that could not be run is in the log")
    func auditedTrial() throws {
        let health = "kind: link, domain: core, health: [/bin/true] }"
        let tried: (String) -> String = { TestHub.yaml($0).replacing("kind: link, domain: core }", with: health) }
        try withHub(yaml: tried) { hub in
            let token = try hub.person("rel", .release)
            let digest = try hub.staged("1", token: token)
            // No folder can be made where the target's folder is a file.
            try FileTree.remove(hub.folder + "/app")
            try write("in the way", to: hub.folder + "/app")
            let started = hub.send(
                .post, "/api/v1/releases/\(digest)/trial", token: token, headers: ["Prefer": "wait=30"],
                json: ["target": "gateway"])
            #expect(started.json["state"]?.string == "failed", "\(started.text)")
            let entry = try #require(try hub.entries().last { $0.action == "release.try" })
            #expect(entry.actor.name == "rel" && entry.subject == digest)
            guard case .refused = entry.outcome else { return #expect(Bool(false), "\(entry.outcome)") }
            #expect(entry.details.contains(AuditEntry.Detail("target", "gateway")))
        }
    }
}
