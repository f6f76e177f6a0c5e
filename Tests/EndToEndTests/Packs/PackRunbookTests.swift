import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// The whole runbook of packs through the real program; needs root, as devices have it: sandboxes want cgroups.
@Suite("The runbook of packs", .serialized, .enabled(if: geteuid() == 0, "rooms for packs need root here"))
struct PackRunbookTests {
    @Test(
        "a pack of the prototype's shape: stage, dry-run, install with a typed APPROVE, start, health, stop, rollback")
    func prototypeShape() throws {
        try Gateway.with { gateway in
            let shape = Gateway.sources + "/Tests/Packs/pack03_os_base"
            try gateway.must("pack", "stage", "--pack", "pack01_pack01", "--pack", "pack02_env_profiler")
            let staged = try gateway.must("pack", "stage", shape)
            #expect(staged.output.contains("pack03_os_base 0.1.0"))
            #expect(staged.output.contains("unsealed"))

            let rehearsed = try gateway.must("pack", "dry-run", "--pack", "pack03_os_base")
            for pack in ["pack01_pack01", "pack02_env_profiler", "pack03_os_base"] {
                #expect(rehearsed.output.contains("\(pack): install --dry-run passed"), "\(rehearsed)")
            }
            #expect(try gateway.must("pack", "list", "--json").output.contains("\"active\": true") == false)

            let refused = try gateway.aurora("pack", "install", "--pack", "pack03_os_base")
            #expect(refused.code != 0)
            #expect(refused.error.contains("approval"), "\(refused)")
            let declined = try gateway.typing(["no"], "pack", "install", "--pack", "pack03_os_base")
            #expect(declined.code == 11, "\(declined)")

            let installed = try gateway.typing(
                ["APPROVE", "first installation"], "pack", "install", "--pack", "pack03_os_base")
            #expect(installed.code == 0, "\(installed)")
            #expect(installed.output.contains("Operator approval required. Type APPROVE to continue"))

            try gateway.startCore()
            try gateway.until("all packs are healthy") { try gateway.aurora("pack", "health").code == 0 }
            let status = try gateway.must("pack", "status")
            #expect(status.output.contains("pack03_core.log"), "the service's command is named: \(status)")
            try gateway.must("pack", "stop", "--pack", "pack03_os_base")
            #expect(try gateway.aurora("pack", "status").output.contains("STOPPED"))
            try gateway.must("pack", "start", "--pack", "pack03_os_base")
            try gateway.until("it is healthy again") { try gateway.aurora("pack", "health").code == 0 }

            let back = try gateway.must("pack", "rollback", "--reason", "end of the runbook")
            #expect(back.output.contains("generation 0"), "\(back)")
            #expect(try gateway.must("pack", "list", "--json").output.contains("\"active\": true") == false)
        }
    }

    @Test("an upgrade keeps the data, a rollback brings the old version back, and the failed bytes are blocked")
    func upgrade() throws {
        try Gateway.with { gateway in
            try gateway.must("pack", "stage", "--pack", "pack01_pack01", "--pack", "pack02_env_profiler")
            try gateway.must("pack", "stage", Gateway.sources + "/Tests/Packs/pack03_os_base")
            #expect(try gateway.typing(["APPROVE", "base"], "pack", "install", "pack03_os_base").code == 0)
            try write("kept\n", to: gateway.device + "/data/pack03_os_base/1/mine")
            try gateway.startCore()
            try gateway.must("pack", "stage", "--pack", "pack03_os_base")
            let upgraded = try gateway.typing(["APPROVE", "newer"], "pack", "install", "pack03_os_base")
            #expect(upgraded.code == 0, "\(upgraded)")
            #expect(upgraded.output.contains("0.1.0 → 0.2.0"))
            #expect(try readText(gateway.device + "/live/pack03_os_base/data/mine") == "kept\n")
            try gateway.until("healthy") { try gateway.aurora("pack", "health").code == 0 }
            try gateway.must("pack", "rollback", "--reason", "trying it")
            #expect(try readText(gateway.device + "/live/pack03_os_base/manifest.yaml").contains("0.1.0"))
            let blocked = try gateway.typing(["APPROVE", "again"], "pack", "install", "pack03_os_base@0.2.0")
            #expect(blocked.code != 0)
            #expect(blocked.output.contains("failed on this device before"), "\(blocked)")
        }
    }

    @Test("a pack that is not healthy is taken back by itself, and the packs that were there run on")
    func unhealthy() throws {
        try Gateway.with { gateway in
            try gateway.must("pack", "stage", "--pack", "pack01_pack01", "--pack", "pack-status")
            #expect(try gateway.typing(["APPROVE", "base"], "pack", "install", "pack-status").code == 0)
            try gateway.startCore()
            let page = gateway.root + "/packs/pack-status"
            try write("#!/bin/bash\necho broken >&2\nexit 2\n", to: page + "/health_check.sh", mode: 0o755)
            let manifest = try readText(page + "/manifest.yaml")
            try write(
                manifest.replacing("1.0.0\"\n  description", with: "1.0.1\"\n  description").replacing(
                    "health_check_timeout_seconds: 30", with: "health_check_timeout_seconds: 3"),
                to: page + "/manifest.yaml")
            try gateway.must("pack", "stage", "--pack", "pack-status")
            let failed = try gateway.typing(["APPROVE", "newer"], "pack", "install", "pack-status@1.0.1")
            #expect(failed.code == 12, "\(failed)")
            #expect(failed.output.contains("broken"))
            try gateway.until("the old one runs again") { try gateway.aurora("pack", "health").code == 0 }
            #expect(try readText(gateway.device + "/live/pack-status/manifest.yaml").contains("1.0.0"))
        }
    }

    @Test("approved elsewhere: a plan is signed on another machine, used once, and nothing else is taken")
    func signedElsewhere() throws {
        try Gateway.with { gateway in
            try write("correct horse battery\n", to: gateway.root + "/passphrase", mode: 0o600)
            try gateway.must(
                "key", "generate", "--name", "ann", "--passphrase-file", gateway.root + "/passphrase")
            try write(try gateway.must("key", "export-public").output, to: gateway.root + "/ann.pub")
            try FileManager.default.removeItem(atPath: gateway.device)
            try gateway.must("device", "init", "--accept-unsigned", "--operator-key", "ann=\(gateway.root)/ann.pub")
            try gateway.must("pack", "stage", "--pack", "pack01_pack01")
            let typed = try gateway.typing(["APPROVE", "me"], "pack", "install", "pack01_pack01", "--key", "/nowhere")
            #expect(typed.code == 2, "\(typed)")
            try gateway.must("pack", "plan", "pack01_pack01", "--out", gateway.root + "/change.plan")
            try gateway.must(
                "pack", "approve", gateway.root + "/change.plan", "--operator", "ann", "--reason", "bench passed",
                "--passphrase-file", gateway.root + "/passphrase")
            let approval = gateway.root + "/change.plan.approval"
            try gateway.must("pack", "install", "pack01_pack01", "--approval", approval)
            let again = try gateway.aurora("pack", "activate", "--generation", "0", "--approval", approval)
            #expect(again.code == 6, "\(again)")
            #expect(again.error.contains("stale_plan") || again.error.contains("plan"), "\(again)")
        }
    }

    @Test("bash live/PACK/start.sh by hand starts the active version, and its own scripts stop it")
    func byHand() throws {
        try Gateway.with { gateway in
            try gateway.must("pack", "stage", "--pack", "pack01_pack01")
            #expect(try gateway.typing(["APPROVE", "base"], "pack", "install", "pack01_pack01").code == 0)
            // In one shell: what a script leaves behind ends with the shell that ran it.
            let scripts = ["start.sh", "health_check.sh", "stop.sh"].map { "bash live/pack01_pack01/\($0)" }
            let ran = try gateway.inDevice("/bin/bash", "-c", scripts.joined(separator: " && "))
            #expect(ran.code == 0, "\(ran)")
            #expect(ran.output.contains("[pack01] health: OK") && ran.output.contains("[pack01] stopped"), "\(ran)")
        }
    }

    @Test("every verb of packs and devices does what its help says")
    func everyVerb() throws {
        try Gateway.with { gateway in
            try write("correct horse battery\n", to: gateway.root + "/passphrase", mode: 0o600)
            let secret = ["--passphrase-file", gateway.root + "/passphrase"]
            try gateway.must(["key", "generate", "--name", "ann"] + secret)
            try write(try gateway.must("key", "export-public").output, to: gateway.root + "/ann.pub")
            try FileManager.default.removeItem(atPath: gateway.device)
            try gateway.must("device", "init", "--accept-unsigned", "--operator-key", "ann=\(gateway.root)/ann.pub")
            #expect(try gateway.aurora("device", "init").code == 6)
            #expect(try gateway.must("device", "facts", "--json").output.contains("\"platform\""))

            try gateway.must("pack", "seal", "packs/pack01_pack01")
            #expect(try gateway.must("pack", "lint", "packs/pack01_pack01").output.contains("nothing to say"))
            #expect(try gateway.must("pack", "schema").output.contains("aurora-manifest-v1"))
            try gateway.must("pack", "stage", "--pack", "pack01_pack01")
            try gateway.must("pack", "dry-run", "pack01_pack01")
            try gateway.must("pack", "plan", "pack01_pack01", "--out", "one.plan")
            try gateway.must(
                ["pack", "approve", "one.plan", "--operator", "ann", "--reason", "bench passed"] + secret)
            try gateway.must("pack", "install", "pack01_pack01", "--approval", "one.plan.approval")
            let waived = ["device", "waive", "pack01_pack01", "--layer", "cgroup", "--reason", "kernel update"]
            try gateway.must(waived + secret)
            #expect(try gateway.must("pack", "info", "pack01_pack01").output.contains("waived by ann"))
            #expect(try gateway.must("pack", "verify").output.contains("every byte"))

            try gateway.startCore()
            try gateway.until("healthy") { try gateway.aurora("pack", "health").code == 0 }
            try gateway.must("pack", "stop", "pack01_pack01")
            try gateway.must("pack", "start", "pack01_pack01")
            #expect(try gateway.must("pack", "logs", "pack01_pack01").output.contains("started"))
            try gateway.must("pack", "status")
            #expect(try gateway.must("pack", "files", "pack01_pack01", "logs").output.contains("NAME"))
            #expect(try gateway.must("device", "jobs").output.contains("packs/verify"))
            #expect(try gateway.must("pack", "data").output.contains("in use"))
            try gateway.must("pack", "export-data", "pack01_pack01", "--out", "data.tar")
            try gateway.must("pack", "import-data", "pack01_pack01", "data.tar", "--reason", "trying it")
            try gateway.must("pack", "restore-data", "pack01_pack01", "--reason", "trying it")

            let tree = try #require(
                try gateway.must("pack", "list", "-o", "json").output.firstMatch(of: /"tree": "(?<tree>[0-9a-f]{64})"/))
            #expect(try gateway.must("pack", "generations").output.contains("active"))
            try gateway.must("pack", "rollback", "--reason", "trying it")
            try gateway.must("pack", "unblock", String(tree.tree), "--reason", "it was only a trial")
            #expect(try gateway.must("pack", "generations", "-o", "name").output == "1\n0\n")
            try gateway.must("pack", "plan", "--generation", "1", "--out", "two.plan")
            try gateway.must(["pack", "approve", "two.plan", "--operator", "ann", "--reason", "again"] + secret)
            try gateway.must("pack", "activate", "--generation", "1", "--approval", "two.plan.approval")
            try gateway.must("pack", "gc")
            #expect(try gateway.must("device", "log").output.contains("pack.install"))
            try gateway.must("device", "log", "--export", "log")
            #expect(try gateway.must("audit", "verify", "log").code == 0)

            for noun in ["pack", "device", "agent"] {
                let verbs = try gateway.must("help", noun).output.matches(of: /\n  (?<verb>[a-z]+ [a-z-]+)/)
                try #require(!verbs.isEmpty, "help \(noun) shows no verbs")
                for match in verbs where match.verb.hasPrefix(noun) {
                    #expect(gateway.used.contains(String(match.verb)), "aurora \(match.verb) is not run")
                }
            }
        }
    }
}
