import AuroraModel
import AuroraRuntime

@testable import AuroraPacks

/// A service that fails when it is told to, on a clock that stands still.
private struct FailingService {
    var machine: ServiceMachine
    private(set) var now: Duration = .zero

    init(_ settings: ServiceSettings, seed: UInt64 = 1) {
        machine = ServiceMachine(settings: settings, seed: seed)
        _ = machine.handle(.startAsked(.operatorAsked), at: now)
    }

    mutating func pass(_ time: Duration) {
        now += time
        _ = machine.handle(.clock, at: now)
    }

    mutating func report(_ report: ServiceMachine.Report) {
        _ = machine.handle(.report(attempt: machine.attempt, report), at: now)
    }

    /// Fails at its start.
    mutating func fail() {
        if machine.state == .backoff { _ = machine.handle(.startAsked(.retry), at: now) }
        report(.started(.exited(1)))
        report(.ended(survivors: 0))
    }

    /// How long it waits now until it is started again.
    var wait: Duration { (machine.retryAt ?? now) - now }
}

extension FieldCase {
    /// The longest wait after so many failures, in whole seconds: waits are random parts of a bound.
    private static func bound(after failures: Int) -> @Sendable (FieldTrial) throws -> String {
        { trial in
            let settings = try trial.settings()
            let waits = (UInt64(0)..<500).map { seed in
                var service = FailingService(settings, seed: seed)
                for _ in 0..<failures { service.fail() }
                return service.wait
            }
            return "at most \((waits.max() ?? .zero).components.seconds + 1) s"
        }
    }

    /// How long the core waits between starts and when it gives up: decided by a machine without a clock of its own.
    static let backoff: [FieldCase] = [
        FieldCase(
            "pack.service.backoff.base_seconds", [(1, "at most 1 s"), (7, "at most 7 s")], FieldPack(), bound(after: 1)),
        FieldCase(
            "pack.service.backoff.maximum_seconds", [(3, "at most 3 s"), (20, "at most 20 s"), (nil, "at most 60 s")],
            FieldPack(), bound(after: 9)),
        FieldCase(
            "pack.service.backoff.reset_after_seconds",
            [(50, "counts as the first"), (nil, "counts as the second")],
            FieldPack([("pack.service.readiness", "none")])
        ) { trial in
            var service = FailingService(try trial.settings())
            service.fail()
            _ = service.machine.handle(.startAsked(.retry), at: service.now)
            service.report(.started(.exited(0)))
            service.pass(.seconds(1))
            service.pass(.seconds(100))
            service.report(.gone(.exited(1)))
            return service.machine.failures == 1 ? "counts as the first" : "counts as the second"
        },
        FieldCase("pack.service.backoff.budget", [(1, "after 1"), (3, "after 3"), (nil, "after 10")]) { trial in
            var service = FailingService(try trial.settings())
            var failures = 0
            while service.machine.state != .quarantined, failures < 100 {
                service.fail()
                failures += 1
            }
            return "after \(failures)"
        },
        FieldCase(
            "pack.service.backoff.window_seconds", [(50, "BACKOFF"), (200, "QUARANTINED")],
            FieldPack([("pack.service.backoff.budget", 2)])
        ) { trial in
            var service = FailingService(try trial.settings())
            service.fail()
            service.pass(.seconds(100))
            service.fail()
            return service.machine.state.rawValue
        },
    ]
}
