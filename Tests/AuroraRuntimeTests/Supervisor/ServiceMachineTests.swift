import AuroraRuntime
import Testing

/// Hands inputs to a machine at moments a test chooses.
struct Driven {
    var machine: ServiceMachine
    var now: Duration = .zero
    var actions: [ServiceMachine.Action] = []

    init(_ change: (inout ServiceSettings) -> Void = { _ in }) {
        var settings = ServiceSettings()
        change(&settings)
        machine = ServiceMachine(settings: settings, seed: 7)
    }

    mutating func take(_ input: ServiceMachine.Input, after pause: Duration = .zero) {
        now += pause
        actions = machine.handle(input, at: now)
    }

    mutating func report(_ report: ServiceMachine.Report, after pause: Duration = .zero) {
        take(.report(attempt: machine.attempt, report), after: pause)
    }

    mutating func pass(_ pause: Duration) { take(.clock, after: pause) }

    /// Up and READY.
    mutating func becomeReady() {
        take(.startAsked(.operatorAsked))
        report(.started(.exited(0)))
        pass(.seconds(1))
    }

    /// Through one failed start, with its room closed.
    mutating func failOnce(_ result: ConfinedResult.Cause = .exited(1)) {
        report(.started(result))
        report(.ended(survivors: 0))
    }

    /// Until the machine starts the service again by itself.
    mutating func waitForRetry() {
        guard let retry = machine.retryAt else { return }
        pass(retry - now)
    }

    var changes: [ServiceTransition] {
        actions.compactMap { if case .changed(let change) = $0 { change } else { nil } }
    }
}

@Suite struct ServiceMachineTests {
    @Test func aServiceIsReadyOnlyWhenWhatItStartedHasStayedAlive() {
        var service = Driven()
        service.take(.startAsked(.operatorAsked))
        #expect(service.actions.last == .begin(attempt: 1))
        service.report(.started(.exited(0)))
        #expect(service.machine.state == .starting)
        service.pass(.milliseconds(199))
        #expect(service.machine.state == .starting)
        service.pass(.milliseconds(1))
        #expect(service.machine.state == .ready)
        #expect(service.changes.map(\.cause) == [.shownReady])
    }

    @Test(
        "defect 50: a process that fails right after its start command reported success was never READY",
        arguments: [ServiceExit.exited(1), .signalled(11), .unknown])
    func deathBeforeItSettled(_ exit: ServiceExit) {
        var service = Driven()
        service.take(.startAsked(.operatorAsked))
        service.report(.started(.exited(0)))
        service.report(.gone(exit), after: .milliseconds(150))
        #expect(service.machine.state == .backoff)
        #expect(service.machine.cause.code == "died_at_once")
    }

    @Test func aServiceThatLeavesNothingOrEndsWellIsDoneAndReady() {
        var service = Driven()
        service.take(.startAsked(.operatorAsked))
        service.report(.started(.exited(0)))
        service.report(.gone(.exited(0)))
        #expect(service.machine.state == .ready && service.machine.isDone && service.machine.cause == .done)
        service.report(.probed(.ready, passed: false, detail: "gone bad"))
        #expect(service.machine.state == .degraded)
    }

    @Test func aServiceThatIsDoneIsReadyOnlyWhenItsProbeSaysSo() {
        var service = Driven { $0.hasStartupProbe = true }
        service.take(.startAsked(.operatorAsked))
        service.report(.started(.exited(0)))
        service.report(.gone(.exited(0)))
        #expect(service.machine.state == .starting)
        service.pass(.seconds(60))
        #expect(service.machine.state == .backoff)
    }

    @Test(arguments: [
        (ServiceMachine.Report.gone(.outOfMemory), ServiceCause.outOfMemory),
        (.gone(.signalled(11)), .signalled(11)), (.gone(.exited(3)), .exited(3)), (.gone(.unknown), .vanished),
        (.probed(.live, passed: false, detail: "no answer"), .probe("no answer")),
    ])
    func aReadyServiceThatFailsIsStartedAgainAfterADelayAndTheCauseIsNamed(
        _ report: ServiceMachine.Report, _ cause: ServiceCause
    ) throws {
        var service = Driven()
        service.becomeReady()
        service.report(report)
        #expect(service.machine.state == .backoff && service.machine.cause == cause)
        #expect(service.actions.contains(.keepCrash(attempt: 1, cause)))
        #expect(service.actions.last == .end(attempt: 1, orderly: false))
        service.report(.ended(survivors: 0))
        let retry = try #require(service.machine.retryAt)
        #expect(retry - service.now <= .seconds(1))
        service.waitForRetry()
        #expect(service.machine.state == .starting && service.actions.last == .begin(attempt: 2))
    }

    @Test func aNewRoomWaitsForTheEndOfTheOldOne() {
        var service = Driven()
        service.becomeReady()
        service.report(.gone(.signalled(9)))
        service.pass(.seconds(100))
        #expect(service.machine.state == .backoff && service.machine.attempt == 1)
        service.report(.ended(survivors: 0))
        #expect(service.machine.state == .starting && service.machine.attempt == 2)
    }

    @Test func endingWithStatusZeroAfterReadyMeansDone() {
        var service = Driven()
        service.becomeReady()
        service.report(.gone(.exited(0)))
        #expect(service.machine.state == .ready && service.machine.isDone && service.machine.cause == .done)
        service.pass(.seconds(100_000))
        #expect(service.machine.state == .ready && service.machine.attempt == 1)
        service.take(.stopAsked(.operatorAsked))
        service.report(.ended(survivors: 0))
        #expect(service.machine.state == .stopped && !service.machine.isDone)
    }

    @Test func exitStatus78IsNotTriedAgainUntilAnOperatorSaysSo() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        service.failOnce(.exited(78))
        #expect(service.machine.state == .quarantined && service.machine.retryAt == nil)
        service.pass(.seconds(1_000_000))
        #expect(service.machine.state == .quarantined && service.machine.deadline == nil)
        service.take(.startAsked(.operatorAsked))
        #expect(service.machine.state == .starting)
    }

    @Test func exitStatus75IsTriedAgainWithoutEndAndNeverInQuarantine() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        for _ in 0..<40 {
            service.failOnce(.exited(75))
            #expect(service.machine.state == .backoff)
            service.waitForRetry()
        }
        #expect(service.machine.attempt == 41)
    }

    @Test func tenFailuresInAnHourLeadToQuarantineAndOneSlowRetryEach() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        for _ in 0..<9 {
            service.failOnce()
            #expect(service.machine.state == .backoff)
            service.waitForRetry()
        }
        service.failOnce()
        #expect(service.machine.state == .quarantined)
        #expect(service.machine.retryAt == service.now + .seconds(1800))
        service.waitForRetry()
        #expect(service.machine.state == .starting)
        service.failOnce()
        #expect(service.machine.state == .quarantined)
    }

    @Test func quarantineLastsWhereSlowRetriesAreSwitchedOff() {
        var service = Driven {
            $0.restart.budget = 1
            $0.restart.quarantineRetry = nil
        }
        service.take(.startAsked(.supervisor))
        service.failOnce()
        #expect(service.machine.state == .quarantined && service.machine.deadline == nil)
    }

    @Test func workingForTenMinutesMakesTheNextFailureTheFirst() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        for _ in 0..<5 {
            service.failOnce()
            service.waitForRetry()
        }
        #expect(service.machine.failures == 5)
        service.report(.started(.exited(0)))
        service.pass(.seconds(1))
        service.pass(.seconds(599))
        #expect(service.machine.failures == 5)
        service.pass(.seconds(1))
        #expect(service.machine.failures == 0)
    }

    @Test func anOperatorsStartDoesNotWaitForTheDelayAndForgetsTheFailures() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        for _ in 0..<3 {
            service.failOnce()
            service.waitForRetry()
        }
        service.failOnce()
        service.take(.startAsked(.operatorAsked))
        #expect(service.machine.state == .starting && service.machine.failures == 0)
    }

    @Test func aServiceThatMustNotifyIsReadyOnlyAfterItDid() {
        var service = Driven { $0.readiness = .notify }
        service.take(.startAsked(.supervisor))
        service.report(.started(.exited(0)))
        service.pass(.seconds(30))
        #expect(service.machine.state == .starting)
        service.report(.ready)
        #expect(service.machine.state == .ready)
    }

    @Test func aServiceThatIsNotReadyInTimeIsStartedAgainAndTheProbeIsQuoted() {
        var service = Driven { $0.hasStartupProbe = true }
        service.take(.startAsked(.supervisor))
        service.report(.started(.exited(0)))
        service.report(.probed(.startup, passed: false, detail: "connection refused"), after: .seconds(59))
        #expect(service.machine.state == .starting)
        service.pass(.seconds(1))
        #expect(service.machine.state == .backoff && service.machine.cause == .notReady("connection refused"))
    }

    @Test func twoMissedPingsAreAFailureOneIsNot() {
        var service = Driven { $0.watchdog = .seconds(5) }
        service.becomeReady()
        service.pass(.seconds(9))
        service.report(.ping)
        service.pass(.milliseconds(9_999))
        #expect(service.machine.state == .ready)
        service.pass(.milliseconds(1))
        #expect(service.machine.state == .backoff && service.machine.cause == .watchdog)
    }

    @Test func aReadyProbeMovesBetweenReadyAndDegraded() {
        var service = Driven()
        service.becomeReady()
        service.report(.probed(.ready, passed: false, detail: "503"))
        #expect(service.machine.state == .degraded && service.machine.cause == .probe("503"))
        service.report(.probed(.ready, passed: true, detail: "200"))
        #expect(service.machine.state == .ready && service.machine.cause == .recovered)
    }

    @Test func aStopRunsTheStopCommandAndEndsInStopped() {
        var service = Driven()
        service.becomeReady()
        service.take(.stopAsked(.operatorAsked))
        #expect(service.machine.state == .stopping && service.actions.last == .end(attempt: 1, orderly: true))
        service.report(.gone(.exited(0)))
        #expect(service.machine.state == .stopping)
        service.report(.ended(survivors: 0))
        #expect(service.machine.state == .stopped && service.machine.cause == .ended(survivors: 0))
    }

    @Test func aStartDuringAStopBeginsWhenTheOldRoomIsClosed() {
        var service = Driven()
        service.becomeReady()
        service.take(.stopAsked(.operatorAsked))
        service.take(.startAsked(.operatorAsked))
        #expect(service.machine.state == .stopping)
        service.report(.ended(survivors: 0))
        #expect(service.machine.state == .starting && service.actions.last == .begin(attempt: 2))
    }

    @Test func reportsOfAnOlderRoomAreIgnored() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        service.failOnce()
        service.waitForRetry()
        service.take(.report(attempt: 1, .gone(.outOfMemory)))
        service.take(.report(attempt: 1, .ended(survivors: 0)))
        #expect(service.machine.state == .starting && service.machine.isOpen)
    }

    @Test func aMissingSandboxLayerIsAFailureThatNamesTheLayer() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        service.report(.refused("sandbox layer seccomp: not there"))
        #expect(service.machine.state == .backoff)
        #expect(service.machine.cause == .refused("sandbox layer seccomp: not there"))
    }

    @Test func aServiceThatIsNeverRestartedStaysInQuarantineAfterItsFirstFailure() {
        var service = Driven { $0.restart.mode = .never }
        service.becomeReady()
        service.report(.gone(.signalled(9)))
        service.report(.ended(survivors: 0))
        service.pass(.seconds(100_000))
        #expect(service.machine.state == .quarantined && service.machine.attempt == 1)
    }

    @Test func aServiceThatIsAlwaysRestartedIsNeverDone() {
        var service = Driven { $0.restart.mode = .always }
        service.becomeReady()
        service.report(.gone(.exited(0)))
        #expect(service.machine.state == .backoff)
    }

    @Test func newSettingsHoldFromTheNextStartOn() {
        var service = Driven()
        service.take(.startAsked(.supervisor))
        var next = ServiceSettings()
        next.readiness = .notify
        service.machine.adopt(next)
        service.report(.started(.exited(0)))
        service.pass(.seconds(1))
        #expect(service.machine.state == .ready)
        service.take(.stopAsked(.change))
        service.report(.ended(survivors: 0))
        service.take(.startAsked(.change))
        service.report(.started(.exited(0)))
        service.pass(.seconds(1))
        #expect(service.machine.state == .starting)
    }
}
