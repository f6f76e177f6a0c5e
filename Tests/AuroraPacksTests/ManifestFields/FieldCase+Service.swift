import AuroraModel
import AuroraRuntime
import AuroraTestSupport
import Glibc

@testable import AuroraPacks

extension FieldCase {
    /// A service that runs until it finds a status in `go`, and one attempt of it.
    private static let ending = FieldPack(
        [("pack.service.readiness", "none")],
        files: [
            "start.sh": "(until [ -s packs/data/go ]; do sleep 0.05; done; exit \"$(cat packs/data/go)\") >/dev/null &"
        ])

    /// What the core does when the service ends with this status.
    private static func restart(after status: Int32, _ expected: [(value: JSONValue?, behaviour: String)]) -> FieldCase
    {
        FieldCase("pack.service.restart", expected, ending) { trial in
            try trial.core { running in
                guard running.settled() == "READY ready" else { return "does not run" }
                try write("\(status)\n", to: "\(trial.bench.places.live)/a/data/go")
                let next = running.first { $0.cause == .exited(status) || $0.cause == .done }
                return next.map { "\($0.to.rawValue) \($0.cause.code)" } ?? "nothing"
            }
        }
    }

    /// Says that it is ready where somebody listens.
    private static let notifying = """
        python3 - <<'PY'
        import os, socket
        path = os.environ.get("NOTIFY_SOCKET")
        if path:
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1\\n", path)
        open("packs/data/socket", "w").write(path or "no socket")
        PY
        """

    /// Which comes first: a state other than READY after it, or the file `later`.
    private static func nextState(_ trial: FieldTrial) throws -> String {
        try trial.core { running in
            guard running.settled() == "READY ready" else { return "does not run" }
            func moved() -> ServiceTransition? { running.changes().drop { $0.to != .ready }.dropFirst().first }
            _ = eventually { moved() != nil || trial.has("later") }
            return moved().map { "\($0.to.rawValue) \($0.cause.code)" } ?? "READY"
        }
    }

    /// Stops the running pack; whether it came to write `end` first.
    private static func stopped(_ trial: FieldTrial) throws -> String {
        try trial.core { running in
            guard running.settled() == "READY ready" else { return "does not run" }
            try running.core.supervisor.stop(["a"], withDependants: true, cause: .operatorAsked)
            _ = running.core.supervisor.waitUntilStopped(["a"], timeout: .seconds(120))
            return trial.has("end") ? "came to its end" : "was killed"
        }
    }

    /// How the core keeps what `start` leaves running.
    static let service: [FieldCase] = [
        FieldCase(
            "pack.service.readiness",
            [
                ("none", "READY ready, no socket"), ("exec", "QUARANTINED not_ready, no socket"),
                (nil, "QUARANTINED not_ready, no socket"), ("notify", "READY ready, /run/aurora/notify"),
            ],
            FieldPack(
                [
                    ("pack.safety.health_check_timeout_seconds", 1), ("pack.service.restart", "never"),
                ],
                files: ["start.sh": notifying + "\nsleep 600 >/dev/null 2>&1 &", "health_check.sh": "exit 1"])
        ) { trial in
            try trial.core { "\($0.settled()), \(try trial.bench.data("a", "socket") ?? "nothing")" }
        },
        restart(
            after: 0, [("always", "BACKOFF exited"), ("on-failure", "READY done"), ("never", "READY done")]),
        restart(
            after: 1,
            [("always", "BACKOFF exited"), ("on-failure", "BACKOFF exited"), ("never", "QUARANTINED exited")]),
        FieldCase(
            "pack.service.watchdog_seconds",
            [(1, "QUARANTINED watchdog"), (3600, "READY"), (nil, "READY")],
            FieldPack(
                [("pack.service.readiness", "notify"), ("pack.service.restart", "never")],
                files: ["start.sh": notifying + "\n(sleep 5; touch packs/data/later; sleep 600) >/dev/null 2>&1 &"]),
            nextState),
        FieldCase(
            "pack.service.health_interval_seconds", [(1, "DEGRADED probe"), (3600, "READY")],
            FieldPack(
                [("pack.service.readiness", "none")],
                files: [
                    "start.sh": "(sleep 8; touch packs/data/later; sleep 600) >/dev/null 2>&1 &",
                    "health_check.sh": "exit 1",
                ]), nextState),
        FieldCase(
            "pack.service.start_timeout_seconds", [(1, "QUARANTINED start_timed_out"), (60, "READY ready")],
            FieldPack(
                [("pack.service.readiness", "none"), ("pack.service.restart", "never")],
                files: ["start.sh": "sleep 4; sleep 600 >/dev/null 2>&1 &"])
        ) { trial in try trial.core { $0.settled() } },
        FieldCase(
            "pack.service.stop_timeout_seconds", [(1, "was killed"), (60, "came to its end")],
            FieldPack(
                [("pack.service.readiness", "none")],
                files: [
                    "start.sh": "sleep 600 >/dev/null 2>&1 &", "stop.sh": "sleep 4; touch packs/data/end",
                ]), stopped),
        FieldCase(
            "pack.service.stop_timeout_seconds", [(1, "was killed"), (60, "came to its end")],
            FieldPack(
                [("pack.service.readiness", "none")],
                files: [
                    // Longer than any grace that is not the manifest's.
                    "start.sh": """
                    (trap 'sleep 7; touch packs/data/end; exit' TERM; while :; do sleep 0.1; done) >/dev/null 2>&1 &
                    """
                ]), stopped),
    ]
}
