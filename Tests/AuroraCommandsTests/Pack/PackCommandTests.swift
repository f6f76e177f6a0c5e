import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraCommands

/// What the verbs of `aurora pack` say and how they end; what they do to a device is told in AuroraPacksTests.
@Suite("aurora pack", .enabled(if: geteuid() == 0, "rooms for packs need root here"))
struct PackCommandTests {
    @Test("stage says what was brought into the store: in words, as JSON, and as names for scripts")
    func stage() throws {
        try PackBench.with { bench in
            let folder = try bench.pack()
            let staged = bench.run("pack", "stage", folder)
            #expect(staged.code == 0 && staged.output.hasPrefix("a 1.0.0  tree "), "\(staged)")
            #expect(staged.output.hasSuffix("  sealed  unsigned\n"), "\(staged)")
            #expect(staged.error.contains("next: aurora pack dry-run a, then aurora pack install a"))
            // The same bytes again are a success.
            let again = bench.run("pack", "stage", folder, "--json").json
            #expect(again["kind"] == "StagedPacks" && again["items"]?[0]?["id"] == "a", "\(again)")
            #expect(again["items"]?[0]?["version"] == "1.0.0")
            #expect(bench.run("pack", "stage", folder, "-o", "name").output == "a@1.0.0\n")
        }
    }

    @Test("stage refuses what is no pack, and says why")
    func stageRefused() throws {
        try PackBench.with { bench in
            #expect(bench.run("pack", "stage").code == 2)
            let nowhere = bench.run("pack", "stage", "/nowhere/at/all")
            #expect(nowhere.code == 1 && nowhere.error.contains("/nowhere/at/all is not there"), "\(nowhere)")
            let folder = try bench.pack("a", "1.0.0", "colour: red")
            let invalid = bench.run("pack", "stage", folder, "--json")
            #expect(invalid.code == 1 && invalid.error.contains("pack_invalid"), "\(invalid)")
            let list = bench.run("pack", "list")
            #expect(list.output.isEmpty && list.error == "no packs here; next: aurora pack stage FOLDER\n", "\(list)")
        }
    }

    @Test("seal refuses a manifest with its place, its first problem and what to write, each once")
    func sealRefused() throws {
        try PackBench.with { bench in
            let folder = try bench.pack("a", "1.0.0", "colour: red", "shape: round")
            let refused = bench.run("pack", "seal", folder)
            #expect(refused.code == 9, "\(refused)")
            let lines = refused.error.split(separator: "\n").map(String.init)
            try #require(lines.count == 2, "\(refused)")
            #expect(
                lines[0].contains("colour: is not a known field; and 1 more: aurora pack lint shows all"), "\(lines)")
            #expect(lines[1].hasPrefix("  next: "), "\(lines)")
        }
    }

    @Test("plan is the same in words, as JSON and in a file, and its digest is that of the file")
    func plan() throws {
        try PackBench.with { bench in
            _ = bench.run("pack", "stage", try bench.pack())
            let file = "\(bench.home)/change.plan"
            let text = bench.run("pack", "plan", "a", "--out", file)
            let digest = Digest(hashing: Array(try readText(file).utf8)).hex
            #expect(text.code == 0 && text.output.contains("sha256:\(digest)"), "\(text)")
            #expect(text.output.contains("a 1.0.0 is added.") && text.output.contains("a person must approve"))
            let json = bench.run("pack", "plan", "a", "--json").json
            #expect(json["kind"] == "PackPlan" && json["digest"]?.string == digest)
            #expect(json["plan"]?["changes"]?[0]?["pack"] == "a")
            #expect(bench.run("pack", "plan", "a", "-o", "name").output == digest + "\n")
        }
    }

    @Test(
        "what cannot be planned has an exit code of its kind",
        arguments: [
            ([], Int32(2), "no pack is named"), (["b"], 3, "b is not staged"), (["../b"], 2, "is no pack id"),
            (["a@nonsense"], 2, "a@nonsense names no versions"), (["a@^2.0.0"], 1, "2.0.0"),
            (["--generation", "7"], 3, "7"),
        ])
    func unplannable(_ words: [String], _ exit: Int32, _ told: String) throws {
        try PackBench.with { bench in
            _ = bench.run("pack", "stage", try bench.pack())
            let ran = bench.run(["pack", "plan"] + words)
            #expect(ran.code == exit && ran.error.contains(told) && ran.output.isEmpty, "\(ran)")
        }
    }

    @Test("dry-run says what it rehearsed and that nothing was changed")
    func dryRun() throws {
        try PackBench.with { bench in
            _ = bench.run("pack", "stage", try bench.pack("a", "1.0.0", "safety: {dry_run_supported: true}"))
            _ = bench.run("pack", "stage", try bench.pack("b"))
            let ran = bench.run("pack", "dry-run", "a", "b")
            #expect(ran.code == 0, "\(ran)")
            #expect(
                ran.output.hasSuffix(
                    """
                    a: install --dry-run passed
                    b: its manifest does not support a dry run: static plan only
                    nothing was changed

                    """), "\(ran)")
            let json = bench.run("pack", "dry-run", "a", "--json").json
            #expect(json["rehearsals"]?[0] == ["pack": "a", "ran": true, "reason": nil, "notes": []])
        }
    }

    @Test("approve does not know the device: it asks who signs, and does not speak of a device.yaml it never read")
    func approveNamesItsOperator() throws {
        try PackBench.with { bench in
            _ = bench.run("pack", "stage", try bench.pack())
            let (plan, secret) = ("\(bench.home)/change.plan", "\(bench.home)/pass")
            _ = bench.run("pack", "plan", "a", "--out", plan)
            try write("correct horse\n", to: secret, mode: 0o600)
            _ = bench.run("key", "generate", "--name", "ann", "--passphrase-file", secret)
            let words = ["pack", "approve", plan, "--reason", "looked", "--passphrase-file", secret]
            let refused = bench.run(words)
            #expect(refused.code == 2 && refused.error.contains("nobody knows whose key"), "\(refused)")
            #expect(refused.error.contains("away from the device, and does not read its device.yaml"), "\(refused)")
            #expect(
                refused.error.contains("next: say who you are, as device.yaml of the device names you: --operator NAME")
            )
            #expect(!refused.error.contains("names no operator"), "\(refused)")
            #expect(bench.run(words + ["--operator", "ann"]).code == 0)
        }
    }

    @Test("a state folder behind a link is one: packs are staged, installed and found through either name")
    func linkedState() throws {
        try PackBench.with { bench in
            try FileTree.makeFolders("\(bench.home)/srv", mode: 0o755)
            #expect(symlink("../state", "\(bench.home)/srv/link") == 0)
            let linked = bench.setting(["AURORA_STATE": "\(bench.home)/srv/link"])
            let ran = linked.install(try bench.pack("a", "1.0.0", "safety: {dry_run_supported: true}"))
            #expect(ran.code == 0 && ran.output == "generation 1 is active: a 1.0.0\n", "\(ran)")
            #expect(linked.run("pack", "verify").code == 0)
            #expect(bench.run("pack", "list", "--json").output == linked.run("pack", "list", "--json").output)
        }
    }

    @Test("install changes nothing without an approval: nobody there, somebody who says no, another plan")
    func notApproved() throws {
        try PackBench.with { bench in
            _ = bench.run("pack", "stage", try bench.pack())
            let alone = bench.run("pack", "install", "a")
            #expect(alone.code == 10 && alone.error.contains("This change needs an operator's approval."), "\(alone)")
            #expect(alone.error.contains("--approval FILE"))
            let json = bench.run("pack", "install", "a", "--json")
            #expect(json.code == 10 && json.output.isEmpty && json.error.contains("approval_required"), "\(json)")
            let declined = bench.typing(["approve"], "pack", "install", "a")
            #expect(declined.code == 11 && declined.error.contains("nothing was changed: not approved"), "\(declined)")
            let silent = bench.typing(["APPROVE", ""], "pack", "install", "a")
            #expect(silent.code == 2 && silent.error.contains("a reason is needed"), "\(silent)")
            let other = bench.typing(["APPROVE", "x"], "pack", "install", "a", "--plan", "sha256:0000")
            #expect(other.code == 6 && other.error.contains("it has changed since you looked at it"), "\(other)")
            #expect(bench.run("pack", "list", "--json").json["items"]?[0]?["active"] == false)
        }
    }

    @Test("a variable of the shell is none of the device: the pack could not be started again without that shell")
    func variablesOfTheShell() throws {
        try PackBench.with { bench in
            let shell = bench.setting(["TOKEN": "hidden"])
            let refused = shell.install(try bench.pack("a", "1.0.0", "env: {required: [TOKEN]}"))
            #expect(refused.code == 1 && refused.error.contains("a needs TOKEN, which is not set in device.yaml"))
            #expect(refused.error.contains("add it in device.yaml: environment: {TOKEN: value}"), "\(refused)")
            #expect(!refused.error.contains("hidden"), "\(refused)")
            // Nothing is to blame for that, and nothing is blocked.
            #expect(bench.run("pack", "info", "a", "--json").json["blocked"] == [])
            let file = "\(bench.device)/device.yaml"
            try write(try readText(file) + "environment: {TOKEN: t}\n", to: file)
            #expect(bench.typing(["APPROVE", "a test"], "pack", "install", "a").code == 0)
        }
    }

    @Test("install, activate and rollback say which generation is active now, and why one was taken back")
    func outcomes() throws {
        try PackBench.with { bench in
            let first = bench.install(try bench.pack())
            #expect(first.code == 0 && first.output == "generation 1 is active: a 1.0.0\n", "\(first)")
            #expect(first.error.contains("recorded as typed at this terminal by"), "\(first)")
            let person = LoginUser.current
            let typist = "(typed by \(person.name), \(person.isLogin ? "login uid" : "no login, uid") \(person.uid))"
            #expect(bench.run("device", "log").output.contains(typist))
            let ill = try bench.pack(
                "a", "1.1.0", "safety: {health_check_timeout_seconds: 1}", health: "echo broken; exit 1")
            let failed = bench.install(ill)
            #expect(failed.code == 12, "\(failed)")
            #expect(failed.output.hasPrefix("taken back: generation 1 is active again\n  why:  a is not healthy: "))
            #expect(failed.output.contains("it said: broken"), "\(failed)")
            let ended = bench.run("pack", "rollback", "--reason", "enough")
            #expect(ended.code == 6 && ended.error.contains("was taken back by itself"), "\(ended)")
            #expect(bench.install(try bench.pack("a", "1.2.0")).code == 0)
            let words = bench.run("pack", "rollback", "--reason", "")
            #expect(words.error.contains("none more: the right to take the change back came with its own"))
            let back = bench.run("pack", "rollback", "--reason", "enough", "--json")
            #expect(back.code == 0, "\(back)")
            #expect(back.json["result"] == "committed" && back.json["generation"] == 1, "\(back)")
            #expect(bench.run("pack", "rollback", "--reason", "more").code == 6)
        }
    }

    @Test("list, info and generations answer while somebody else holds the device")
    func lookingBeside() throws {
        try PackBench.with { bench in
            _ = bench.install(try bench.pack())
            let lock = try FileLock(path: "\(bench.device)/lock")
            let table = bench.run("pack", "list")
            #expect(table.code == 0 && table.output.contains("a     1.0.0    yes"), "\(table)")
            #expect(table.error.isEmpty, "\(table)")
            #expect(bench.run("pack", "info", "a").code == 0)
            #expect(bench.run("pack", "generations", "-o", "name").output == "1\n0\n")
            #expect(bench.run("pack", "logs", "a").code == 0)
            withExtendedLifetime(lock) {}
        }
    }

    @Test("generations shows the numbers that rollback --to and activate --generation take")
    func generations() throws {
        try PackBench.with { bench in
            let none = bench.run("pack", "generations")
            #expect(
                none.code == 0 && none.output.isEmpty && none.error == "nothing was installed here yet\n", "\(none)")
            _ = bench.install(try bench.pack())
            _ = bench.install(try bench.pack("a", "1.1.0"))
            let ill = try bench.pack("a", "1.2.0", "safety: {health_check_timeout_seconds: 1}", health: "exit 1")
            #expect(bench.install(ill).code == 12)
            let lines = bench.run("pack", "generations").output.split(separator: "\n").map { line in
                line.split(separator: " ").joined(separator: " ")
            }
            #expect(lines.count == 5 && lines.first == "GENERATION IS PINNED MADE PACKS", "\(lines)")
            #expect(lines[1].hasPrefix("3 failed, blocked ") && lines[1].hasSuffix(" a 1.2.0"), "\(lines)")
            #expect(lines[2].hasPrefix("2 active ") && lines[2].hasSuffix(" a 1.1.0"), "\(lines)")
            #expect(lines[4].hasPrefix("0 earlier ") && lines[4].hasSuffix(" none"), "\(lines)")
            let json = bench.run("pack", "generations", "--json").json
            #expect(json["kind"] == "PackGenerationList" && json["items"]?[1]?["active"] == true, "\(json)")
            #expect(json["items"]?[1]?["packs"] == [["id": "a", "version": "1.1.0"]])
            let unknown = bench.run("pack", "rollback", "--to", "9")
            #expect(unknown.code == 3 && unknown.error.contains("aurora pack generations"), "\(unknown)")
        }
    }

    @Test("list, info and verify show what is there, and verify fails on a byte that is another")
    func looking() throws {
        try PackBench.with { bench in
            _ = bench.install(try bench.pack())
            _ = bench.run("pack", "stage", try bench.pack("b", "2.0.0"))
            let table = bench.run("pack", "list").output.split(separator: "\n")
            #expect(table.count == 3 && table[1].hasPrefix("a") && table[1].contains("yes"), "\(table)")
            #expect(table[2].hasPrefix("b") && !table[2].contains("yes"))
            #expect(bench.run("pack", "list", "-o", "name").output == "a\nb\n")

            let info = bench.run("pack", "info", "a")
            for fact in ["Pack a", "does nothing", "1.0.0, tree", "nothing beside its own folders", "signature"] {
                #expect(info.output.contains(fact), "\(info)")
            }
            #expect(bench.run("pack", "info", "b", "--json").json["active"] == .null)
            #expect(bench.run("pack", "info").code == 2)
            #expect(bench.run("pack", "info", "nobody").code == 3)

            let good = bench.run("pack", "verify")
            #expect(good.code == 0 && good.output == "1 pack: every byte is what was verified\n", "\(good)")
            try write("exit 7\n", to: "\(bench.device)/live/a/start.sh")
            let bad = bench.run("pack", "verify")
            #expect(bad.code == 9 && bad.output.contains("start.sh was"), "\(bad)")
        }
    }

    @Test("logs without a core shows what was written, nothing of a pack that has not run, and refuses what is no pack")
    func logs() throws {
        try PackBench.with { bench in
            let nobody = bench.run("pack", "logs", "nobody")
            #expect(nobody.code == 3 && nobody.error.contains("nobody"), "\(nobody)")
            _ = bench.run("pack", "stage", try bench.pack())
            let staged = bench.run("pack", "logs", "a")
            #expect(staged.code == 0 && staged.output == "", "\(staged)")
            try FileTree.makeFolders("\(bench.device)/output/gone/log", mode: 0o700)
            #expect(bench.run("pack", "logs", "gone").code == 0)
        }
    }

    @Test("gc and unblock say what they did; a block is cleared with a reason only")
    func keeping() throws {
        try PackBench.with { bench in
            let ill = try bench.pack("a", "1.0.0", "safety: {health_check_timeout_seconds: 1}", health: "exit 1")
            #expect(bench.install(ill).code == 12)
            let info = bench.run("pack", "info", "a", "--json").json
            let tree = try #require(info["blocked"]?[0]?["tree"]?.string)
            let blocked = bench.typing(["APPROVE", "again"], "pack", "install", "a")
            #expect(blocked.code == 6 && blocked.error.contains("failed on this device before"), "\(blocked)")
            #expect(bench.run("pack", "unblock", "a").code == 2)
            #expect(bench.run("pack", "unblock", tree).code == 2)
            let cleared = bench.run("pack", "unblock", tree, "--reason", "the cable was loose")
            #expect(cleared.code == 0 && cleared.output.hasSuffix(" may be activated again\n"), "\(cleared)")
            #expect(bench.run("pack", "plan", "a").code == 0)

            let collected = bench.run("pack", "gc")
            #expect(collected.code == 0 && collected.output.hasSuffix(" removed\n"), "\(collected)")
            #expect(bench.run("pack", "gc", "--json").json["trees"] == [])
            #expect(bench.run("pack", "list", "-o", "name").output == "a\n")
        }
    }
}
