import AuroraActivation
import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraTestSupport
import AuroraTrust
import Testing

@testable import AuroraPacks

/// The whole way with the real sandbox and no core: what a pack's scripts find in their room.
@Suite struct RealRoomTests {
    @Test(
        "scripts install, run and answer in their rooms: code read-only, logs, data and needed packs where they belong")
    func wholeWay() throws {
        try withBench { bench in
            var app = SamplePack(id: "app", needs: ["base": "^1.0.0"])
            app.files = [
                "install.sh": """
                set -e
                [ "$1" = --install ]
                ROOT="$(cd "$(dirname "$0")" && pwd)"
                [ "$PWD" = /aurora ]
                ! touch "$ROOT/x" 2>/dev/null
                echo installed > "$ROOT/data/state"
                echo log > "$ROOT/logs/install"
                [ "$(cat packs/base/VERSION)" = 1.0.0 ]
                [ "$(cat live/app/VERSION)" = 1.0.0 ]
                [ -e packs/data/state ]
                """,
                "start.sh": "sleep 600 & echo $! > packs/data/pid",
                "health_check.sh": "kill -0 \"$(cat packs/data/pid)\"",
                "stop.sh": "kill \"$(cat packs/data/pid)\"",
            ]
            let runner = SandboxedRunner(sandbox: Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")))
            bench.realRunner = runner
            try bench.stage(app, SamplePack(id: "base"))
            let outcome = try bench.install("app")
            #expect(outcome.isCommitted, "\(outcome.activation.reason ?? "")")
            #expect(try bench.data("app") == "installed\n")
            #expect(try readText("\(bench.places.live)/app/logs/install") == "log\n")

            var ill = app
            ill.version = "2.0.0"
            ill.files["install.sh"] = "exit 0"
            ill.files["health_check.sh"] = "echo broken; exit 1"
            ill.lines = ["safety: {health_check_timeout_seconds: 1}"]
            try bench.stage(ill)
            let second = try bench.install("app")
            #expect(second.activation.result == .rolledBack)
            #expect(second.activation.reason?.contains("it said: broken") == true)
            #expect(try bench.active() == ["app 1.0.0", "base 1.0.0"])
        }
    }

    @Test("what dies soon after its start was not healthy, whatever its health check said meanwhile")
    func diesSoon() throws {
        try withBench { bench in
            bench.realRunner = SandboxedRunner(
                sandbox: Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")))
            bench.minUptime = .seconds(2)
            var pack = SamplePack(id: "a")
            pack.files["start.sh"] = "(sleep 0.6; exit 3) &"
            try bench.stage(pack)
            let outcome = try bench.install("a")
            #expect(outcome.activation.result == .rolledBack)
            #expect(outcome.activation.reason?.contains("a is not healthy: it ended: ") == true, "\(outcome)")
        }
    }
}
