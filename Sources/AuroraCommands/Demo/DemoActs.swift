import AuroraAudit
import AuroraModel
import AuroraSystem

/// The acts of the demo, in the order they are shown.
struct DemoActs {
    let demo: Demo
    let people: DemoPeople
    let service: DemoService

    private var screen: DemoScreen { demo.screen }
    private var places: DemoPlaces { demo.places }
    private var change: DemoChange { DemoChange(people: people, target: Demo.target) }

    /// Plays all acts; anything that is not as it must be ends the demo.
    func play() throws {
        let digests = try uploadAndStage()
        try refusals(digests)
        try demo.signals.check()
        screen.chapter("Asked for by one person, approved by another, switched by one rename")
        let used = try promote("1.0.0", digests, isExplained: true)
        _ = try promote("2.0.0", digests, isExplained: false)
        try replay(used)
        try demo.signals.check()
        let tree = try DemoTree(places: places, versions: DemoVersions.all.map(\.number))
        try kills(digests, tree)
        try rollBack(tree)
        try failingVersion(digests)
        try verifyLog()
    }

    // MARK: Publish

    private func uploadAndStage() throws -> [String: String] {
        screen.chapter("Uploaded and staged over HTTP: verified, unpacked, not active")
        var digests: [String: String] = [:]
        for version in DemoVersions.all.dropFirst().map(\.number) {
            for suffix in [".release.json", ".release.json.asc"] { try upload(places.artifact(version) + suffix) }
            let artifact = try upload(places.artifact(version))
            digests[version] = artifact.text("sha256")
            let ended = try stage(artifact.text("sha256"))
            guard ended.text("state") == "done" else { throw failure(ended) }
            let release = try people.rita.get("/api/v1/releases" + URLText.path(artifact.text("sha256")))
            screen.done("staged \(release.releaseTitle)", "signature \(ReleaseText.signature(release))")
        }
        return digests
    }

    @discardableResult
    private func upload(_ path: String, as name: String? = nil) throws -> JSONValue {
        let target = "/api/v1/artifacts" + URLText.path(name ?? LocalFile.name(path))
        return try people.rita.send(
            HubRequest(method: "PUT", target: target, body: .file(path: path, progress: { _ in }))
        ).json()
    }

    private func stage(_ artifact: String) throws -> JSONValue {
        let started = try people.rita.post("/api/v1/releases", [("artifact", .string(artifact))])
        return try change.finish(started.text("id"))
    }

    // MARK: Refusals

    private func refusals(_ digests: [String: String]) throws {
        screen.chapter("What is refused")
        var bytes = try LocalFile.read(places.artifact("1.0.0"), what: "artifact", limit: 1 << 30)
        bytes[bytes.count / 2] ^= 1
        let tampered = places.artifacts + "/tampered.tar.gz"
        try LocalFile.write(tampered, bytes)
        for suffix in [".release.json", ".release.json.asc"] {
            try upload(places.artifact("1.0.0") + suffix, as: "tampered.tar.gz" + suffix)
        }
        try expectRefusal("one flipped bit, under the right signature", code: "release_file_mismatch") {
            try stageOrThrow(try upload(tampered).text("sha256"))
        }
        let unsigned = places.artifacts + "/unsigned.tar.gz"
        try LocalFile.write(unsigned, bytes + [0])
        try expectRefusal("an artifact nobody signed", code: "unsigned") {
            try stageOrThrow(try upload(unsigned).text("sha256"))
        }
        try expectRefusal("a promote nobody approved", code: "approval_required") {
            try people.rita.post(
                "/api/v1/targets" + URLText.path(Demo.target, "promote"),
                [("release", .init(digests["2.0.0"])), ("reason", "rita is in a hurry today")])
        }
        try selfApproval(digests["1.0.0"] ?? "")
        screen.done("still running", "version \(try service.version())")
    }

    /// Owen may ask and may approve, but not the same thing.
    private func selfApproval(_ release: String) throws {
        let reason = "owen wants this very much himself"
        let asked = try change.request(release, reason: reason, by: people.owen)
        let plan = try PlanOnScreen.fetch(asked.text("id"), people.owen)
        try expectRefusal("an approval by the one who asks", code: "self_approval") {
            _ = try change.approve(
                asked, plan, reason: reason, envelope: try change.envelope(asked, plan, reason: reason))
        }
        try people.owen.post(
            "/api/v1/suggestions" + URLText.path(asked.text("id"), "withdraw"), [("reason", .string(reason))])
    }

    private func stageOrThrow(_ artifact: String) throws {
        let ended = try stage(artifact)
        if ended.text("state") != "done" { throw failure(ended) }
    }

    private func failure(_ change: JSONValue) -> CommandError {
        let error = change["error"] ?? .null
        return CommandError(
            error.text("message"), remedy: error.text("remedy"),
            code: error.text("code").isEmpty ? change.text("state") : error.text("code"))
    }

    /// Something that must be refused, and for no other reason than this.
    private func expectRefusal(_ what: String, code: String, _ act: () throws -> Void) throws {
        do {
            try act()
        } catch let error as CommandError where error.code == code {
            return screen.refused(what, error)
        } catch let error as CommandError {
            throw CommandError(
                "\(what) was refused with \(error.code), not with \(code)", cause: error.message, code: "demo_broken")
        }
        throw CommandError("\(what) was not refused", code: "demo_broken")
    }

    // MARK: Approve and install

    /// What is needed to try the same approval a second time.
    struct Used {
        let suggestion: JSONValue
        let plan: PlanOnScreen
        let envelope: JSONValue
    }

    private func promote(_ version: String, _ digests: [String: String], isExplained: Bool) throws -> Used {
        let suggestion = try change.request(
            digests[version] ?? "", reason: "version \(version) is ready for this machine")
        screen.done("rita asks for \(version)", "\(suggestion.text("id")) waits for \(suggestion.text("missing"))")
        let plan = try PlanOnScreen.fetch(suggestion.text("id"), people.owen)
        if isExplained { screen.quote(plan.text) }
        let reason = "owen read the plan of \(version)"
        let envelope = try change.envelope(suggestion, plan, reason: reason)
        let started = try change.goAhead(suggestion, plan, reason: reason, envelope: envelope)
        screen.done("owen signs the plan's digest", "\(plan.digest.short)…")
        let ended = try change.finish(started)
        guard ended.text("state") == "done" else { throw failure(ended) }
        try expectServed(version)
        screen.done("switched and healthy", "the service now says version \(version)")
        return Used(suggestion: suggestion, plan: plan, envelope: envelope)
    }

    private func expectServed(_ version: String) throws {
        let served = try service.version()
        guard served == version else {
            throw CommandError("the service says \(served), not \(version)", code: "demo_broken")
        }
    }

    private func replay(_ used: Used) throws {
        try expectRefusal("yesterday's approval, sent once more", code: "approval_used") {
            _ = try change.approve(
                used.suggestion, used.plan, reason: "owen read the plan of 1.0.0", envelope: used.envelope)
        }
        try expectRefusal("the same suggestion, started once more", code: "approval_used") {
            try people.owen.post("/api/v1/suggestions" + URLText.path(used.suggestion.text("id"), "start"))
        }
        try expectServed("2.0.0")
    }

    // MARK: Kill, roll back, fail

    private func kills(_ digests: [String: String], _ tree: DemoTree) throws {
        let count = try demo.invocation.number("kills") ?? 20
        screen.chapter("SIGKILL in mid-promote, \(count) times (the prototype broke 55 of 100 this way)")
        let kills = DemoKills(
            hub: demo.hub, change: change, places: places, tree: tree,
            releases: ["1.0.0", "2.0.0"].map { ($0, digests[$0] ?? "") }, screen: screen)
        let span = try kills.measure()
        screen.done("a promote nobody disturbs takes", Self.milliseconds(span.end - span.begin))
        let result = try kills.run(count, between: span)
        screen.done("whole \(result.whole)/\(count) (old \(result.old), new \(result.new))")
        if result.early + result.late > 0 {
            screen.done("done again, since the kill missed", "\(result.early) came early, \(result.late) late")
        }
        screen.done("the service answers", "version \(try service.version())")
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let parts = duration.components
        return "\(parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000) ms"
    }

    private func rollBack(_ tree: DemoTree) throws {
        screen.chapter("Taken back, at once")
        // The kills may have ended on either version; one more change, so that there is something to take back.
        let before = try tree.version(at: places.target) ?? ""
        let next = before == "2.0.0" ? "1.0.0" : "2.0.0"
        let releases = try people.rita.list("/api/v1/releases")
        let digests = Dictionary(
            releases.map { ($0.text("version"), $0.text("sha256")) }, uniquingKeysWith: { first, _ in first })
        _ = try promote(next, digests, isExplained: false)
        let started = try change.rollBack(reason: "the demo takes this change back")
        let ended = try change.finish(started.text("id"))
        guard ["done", "rolled-back"].contains(ended.text("state")) else { throw failure(ended) }
        try expectServed(before)
        screen.done("owen rolls back", "the service says version \(before) again")
    }

    private func failingVersion(_ digests: [String: String]) throws {
        screen.chapter("A version that starts but is not healthy")
        let before = try service.version()
        let suggestion = try change.request(digests["3.0.0"] ?? "", reason: "nobody knows yet that 3.0.0 is sick")
        let plan = try PlanOnScreen.fetch(suggestion.text("id"), people.owen)
        let reason = "owen does not know it either"
        let answer = try change.approve(
            suggestion, plan, reason: reason, envelope: try change.envelope(suggestion, plan, reason: reason))
        let ended = try change.finish(answer.text("change"))
        guard ended.text("state") == "rolled-back" else {
            throw CommandError("3.0.0 was not rolled back but \(ended.text("state"))", code: "demo_broken")
        }
        try expectServed(before)
        screen.done("rolled back by itself", "\(ended["error"]?.text("message") ?? ""); version \(before) serves on")
        try expectRefusal("the same bytes once more, blocked here since they failed", code: "digest_blocked") {
            _ = try change.request(digests["3.0.0"] ?? "", reason: "perhaps it works the second time")
        }
    }

    // MARK: Prove

    private func verifyLog() throws {
        screen.chapter("The audit log")
        let folder = places.root + "/audit"
        _ = try AuditExport(hub: people.rita, folder: folder, console: screen.console).run()
        let key = try VerifierKey(people.rita.get("/api/v1/audit/key").text("key"))
        let report = AuditLog.verify(directory: folder, verifierKey: key)
        guard report.isSound, let checkpoint = report.checkpoint else {
            throw CommandError("the audit log does not verify", cause: report.summary, code: "demo_broken")
        }
        screen.done("\(report.size) entries verified offline", "root \(checkpoint.root.short)…, signed by \(key.name)")
    }
}
