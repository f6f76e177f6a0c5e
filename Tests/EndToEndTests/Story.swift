import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

/// One hub's life, told through the command line: each chapter uses what the one before left.
struct Story {
    private let world: World
    private let ada: Person
    private let rita: Person
    private let owen: Person
    private let reason = "the lab soak was clean, T-221"

    init(_ world: World) {
        self.world = world
        ada = world.person("ada")
        rita = world.person("rita")
        owen = world.person("owen")
    }

    func play() throws {
        try arrive()
        try keys()
        try publish()
        try approve()
        try refuse()
        try rollBack()
        try fail()
        try prove()
        try administer()
        try backUp()
    }

    // MARK: Chapters

    private func arrive() throws {
        let check = try ada("config", "check", world.root + "/aurora.yaml")
        #expect(check.code == 0, "\(check)")
        try world.hub.start()
        #expect(try ada("whoami").code == 4)
        try ada.login(world.hub.output, "--user", "ada")
        #expect(try ada.json("whoami")["role"] == "admin")
        for (person, role) in [(rita, "release"), (owen, "approver")] {
            let link = try ada("user", "add", person.name, "--role", role, "-o", "name")
            #expect(link.code == 0, "\(link)")
            try person.login(link.output)
        }
        #expect(try ada.json("user", "list")["items"]?.array?.count == 3)
        #expect(try ada.json("user", "show", "owen")["role"] == "approver")
        #expect(try ada.json("hub", "status")["status"] == "ok")
        // A link works once.
        let again = try ada("user", "link", "rita", "-o", "name")
        try rita.login(again.output)
        try write(again.output, to: world.root + "/used-link", mode: 0o600)
        #expect(try rita("login", "--code-file", world.root + "/used-link").code == 4)
    }

    private func keys() throws {
        try write("correct horse battery\n", to: world.root + "/pass", mode: 0o600)
        let made = try owen("key", "generate", "--name", "owen", "--passphrase-file", world.root + "/pass")
        #expect(made.code == 0, "\(made)")
        #expect(try owen.json("key", "list")["items"]?.array?.count == 1)
        #expect(try owen("key", "export-public").output.hasPrefix("aurora-ed25519:"))
        let key = try owen.json("user", "key", "add").text("id")
        // Nobody admits a key of his own, and an approver none at all.
        #expect(try owen("user", "key", "admit", "owen", key, "--yes").code == 5)
        let admitted = try ada("user", "key", "admit", "owen", key, "--yes")
        #expect(admitted.code == 0, "\(admitted)")
    }

    private func publish() throws {
        for version in ["1.0.0", "2.0.0"] {
            let artifact = try world.release(version)
            let verified = try rita("release", "verify", artifact, "--keyring", world.root + "/keys.asc")
            #expect(verified.code == 0, "\(verified)")
            let sent = try rita("release", "upload", artifact)
            #expect(sent.code == 0, "\(sent)")
            let staged = try rita("release", "stage", "app-\(version).tar.gz")
            #expect(staged.code == 0, "\(staged)")
        }
        let listed = try rita.json("releases", "list")
        #expect(listed["items"]?.array?.count == 2)
        let shown = try rita.json("release", "show", "app@1.0.0")
        #expect(shown["signature"]?["state"] == "good")
        #expect(shown["signature"]?["covers"] == "release")
        let tried = try rita("release", "try", "app@1.0.0", "--target", "app")
        #expect(tried.code == 0, "\(tried)")
        #expect(world.served.isEmpty)
        #expect(try rita.json("target", "list")["items"]?[0]?["name"] == "app")
    }

    private func approve() throws {
        // Promoting without an approval files the suggestion; asking in so many words finds the same one.
        let promoted = try rita("target", "promote", "app", "app@1.0.0", "--reason", reason, "-o", "name")
        #expect(promoted.code == 10, "\(promoted)")
        let suggestion = String(promoted.output.dropLast())
        let asked = try rita("approval", "request", "app", "app@1.0.0", "--reason", reason, "-o", "name")
        #expect(asked.output == promoted.output, "\(asked)")
        #expect(world.served.isEmpty)
        #expect(try owen.json("approvals", "list")["items"]?[0]?["id"]?.string == suggestion)
        let plan = try #require(try owen.json("approval", "show", suggestion)["planDocument"]?["digest"]?.string)
        let diff = try owen("approval", "diff", suggestion, "--exit-code")
        #expect(diff.code == 20)
        #expect(diff.output.contains("+ VERSION"))
        // The one who asks does not approve.
        #expect(try rita("approval", "approve", suggestion, "--reason", reason).code != 0)
        let approved = try vote("approve", suggestion, "--plan", String(plan.prefix(12)))
        #expect(approved.code == 0, "\(approved)")
        #expect(world.served == "1.0.0")
        // The same approval once more does nothing.
        #expect(try vote("approve", suggestion).code != 0)
        #expect(try owen("approval", "start", suggestion).code != 0)
        try promote("2.0.0")
        let same = try rita("target", "promote", "app", "app@2.0.0", "--reason", reason)
        #expect(same.code == 0, "\(same)")
    }

    private func refuse() throws {
        let asked = try rita("approval", "request", "app", "app@1.0.0", "--reason", reason, "-o", "name")
        let rejected = try vote("reject", String(asked.output.dropLast()))
        #expect(rejected.code == 0, "\(rejected)")
        let again = try rita("approval", "request", "app", "app@1.0.0", "--reason", reason, "-o", "name")
        let withdrawn = try rita("approval", "withdraw", String(again.output.dropLast()), "--reason", reason)
        #expect(withdrawn.code == 0, "\(withdrawn)")
        let unsigned = try world.release("7.0.0", isSigned: false)
        #expect(try rita("release", "upload", unsigned).code == 0)
        let staged = try rita("release", "stage", "app-7.0.0.tar.gz")
        #expect(staged.code == 9, "\(staged)")
        let useless = Digest(hashing: try DurableFile.read(unsigned)).hex
        let deleted = try rita("release", "delete", useless, "--confirm", String(useless.prefix(12)))
        #expect(deleted.code == 0, "\(deleted)")
        // What a target serves stays.
        let needed = try rita.json("release", "show", "app@2.0.0").text("sha256")
        #expect(try rita("release", "delete", needed, "--confirm", String(needed.prefix(12))).code == 6)
        #expect(world.served == "2.0.0")
    }

    private func rollBack() throws {
        // Who may only ask gets a suggestion filed.
        let asked = try rita("target", "rollback", "app", "--reason", reason, "--confirm", "app")
        #expect(asked.code == 10, "\(asked)")
        let back = try owen("target", "rollback", "app", "--reason", reason, "--confirm", "app")
        #expect(back.code == 0, "\(back)")
        #expect(world.served == "1.0.0")
        let active = try owen.json("target", "show", "app")["active"]
        #expect(active?["label"] == "app 1.0.0", "\(active ?? .null)")
    }

    private func fail() throws {
        let sick = try world.release("3.0.0", isHealthy: false)
        #expect(try rita("release", "upload", sick).code == 0)
        #expect(try rita("release", "stage", "app-3.0.0.tar.gz").code == 0)
        let asked = try rita("approval", "request", "app", "app@3.0.0", "--reason", reason, "-o", "name")
        let approved = try vote("approve", String(asked.output.dropLast()))
        #expect(approved.code == 12, "\(approved)")
        #expect(world.served == "1.0.0")
        let blocked = try #require(try owen.json("target", "show", "app")["blocked"]?[0]?.string)
        let unblocked = try owen(
            "target", "unblock", "app", String(blocked.prefix(12)), "--reason", reason, "--confirm", "app")
        #expect(unblocked.code == 0, "\(unblocked)")
        let changes = try owen.json("change", "list", "--limit", "100")
        let change = try #require(changes["items"]?.array?.first { $0["state"] == "rolled-back" }?["id"]?.string)
        #expect(try owen.json("change", "show", change)["kind"] == "promote")
        #expect(try owen("change", "watch", change).code == 12)
        #expect(try owen("change", "abort", change, "--reason", reason).code == 6)
    }

    private func prove() throws {
        let lines = try ada("audit", "tail", "-n", "200")
        #expect(lines.code == 0)
        #expect(lines.output.contains("rita"))
        let exported = try ada("audit", "export", world.root + "/audit")
        #expect(exported.code == 0, "\(exported)")
        try write(try ada("audit", "key").output, to: world.root + "/log.key")
        let offline = try ada("audit", "verify", world.root + "/audit", "--log-key", world.root + "/log.key")
        #expect(offline.code == 0, "\(offline)")
        #expect(try ada("audit", "verify").code == 0)
        // One changed byte of an entry is found and named.
        let bundles = try run("/usr/bin/find", [world.root + "/audit/tile/entries", "-type", "f"]).output
        let bundle = try #require(bundles.split(separator: "\n").first.map(String.init))
        var bytes = try Descriptor.open(bundle, .readOnly).readAll()
        bytes[bytes.count / 2] ^= 1
        try DurableFile.replace(bundle, contents: bytes)
        let broken = try ada("audit", "verify", world.root + "/audit", "--log-key", world.root + "/log.key")
        #expect(broken.code == 9, "\(broken)")
    }

    private func administer() throws {
        let token = try rita("token", "create", "ci", "--expires", "1d", "--into", world.root, "-o", "name")
        #expect(token.code == 0, "\(token)")
        let file = world.root + "/ci.token"
        #expect(try rita("whoami", "--token-file", file).code == 0)
        #expect(try rita.json("token", "list")["items"]?.array?.contains { $0["name"] == "ci" } == true)
        #expect(try rita("token", "revoke", "ci", "--yes").code == 0)
        #expect(try rita("whoami", "--token-file", file).code == 4)
        #expect(try rita("user", "add", "eve", "--role", "admin").code == 5)
        #expect(try ada("user", "set-role", "rita", "viewer").code == 0)
        #expect(try rita("release", "upload", world.root + "/app-1.0.0.tar.gz").code == 5)
        #expect(try ada("user", "remove", "rita", "--confirm", "rita").code == 0)
        #expect(try rita("whoami").code == 4)
        let key = try #require(try ada.json("user", "show", "owen")["keys"]?[0]?["id"]?.string)
        #expect(try ada("user", "key", "revoke", "owen", key, "--confirm", key).code == 0)
        #expect(try owen("logout").code == 0)
        #expect(try owen("whoami").code == 4)
        #expect(try ada("completion", "bash").output.contains("complete -o filenames"))
        #expect(try ada("version").output.hasPrefix("aurora "))
        #expect([0, 1].contains(try ada("doctor").code))
    }

    private func backUp() throws {
        let saved = try ada("hub", "backup", world.root + "/backup", "--state", world.hub.state)
        #expect(saved.code == 0, "\(saved)")
        let restored = try ada(
            "hub", "restore", world.root + "/backup", "--state", world.root + "/restored", "--confirm",
            world.root + "/restored")
        #expect(restored.code == 0, "\(restored)")
        #expect(try world.hub.stop() == .exited(0))
    }

    // MARK: Acts that repeat

    private func vote(_ decision: String, _ suggestion: String, _ more: String...) throws -> Ran {
        try owen(
            ["approval", decision, suggestion, "--reason", reason, "--passphrase-file", world.root + "/pass"] + more)
    }

    private func promote(_ version: String) throws {
        let asked = try rita("approval", "request", "app", "app@\(version)", "--reason", reason, "-o", "name")
        let approved = try vote("approve", String(asked.output.dropLast()))
        #expect(approved.code == 0, "\(approved)")
        #expect(world.served == version)
    }
}

extension JSONValue {
    /// The member as text; empty when there is none.
    func text(_ key: String) -> String { self[key]?.string ?? "" }
}
