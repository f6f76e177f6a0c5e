import AuroraSandbox
import AuroraSystem
import Synchronization

/// One start of one service: its room from opening to closing, on a thread of its own.
///
/// Everything that happens is reported; the last report is `ended`, exactly once.
final class Attempt: Sendable {
    private struct Mail {
        var end: Bool?
        var questions: [Question] = []
        var isOver = false
    }

    /// What its room is.
    struct Opened {
        let room: any OpenRoom
        let definition: ServiceDefinition
    }

    private let definition: ServiceDefinition
    private let runner: any ConfinedRunner
    private let log: ServiceLog
    private let notifyPath: String
    private let prepare: @Sendable (Confinement) throws -> Confinement
    private let onRoom: @Sendable () -> Void
    private let report: @Sendable (ServiceMachine.Report) -> Void
    private let mail = Monitor(Mail())
    private let opened = Mutex<Opened?>(nil)
    /// Ends the start command and probes early.
    private let interrupt: StopSignal

    /// - Parameters:
    ///   - notifyPath: where a notify socket may be bound.
    ///   - prepare: the room as it is to be now.
    ///   - onRoom: told that the room was opened.
    init(
        _ definition: ServiceDefinition, runner: any ConfinedRunner, log: ServiceLog, notifyPath: String,
        prepare: @escaping @Sendable (Confinement) throws -> Confinement, onRoom: @escaping @Sendable () -> Void,
        report: @escaping @Sendable (ServiceMachine.Report) -> Void
    ) throws(SystemError) {
        self.definition = definition
        self.runner = runner
        self.log = log
        self.notifyPath = notifyPath
        self.prepare = prepare
        self.onRoom = onRoom
        self.report = report
        interrupt = try StopSignal()
        guard let thread = ServiceThread(name: "pack-room", stackSize: 512 << 10, run: { [self] in run() }) else {
            throw SystemError.noThread(for: definition.id)
        }
        thread.leave()
    }

    /// Ends it: with the stop command first when orderly; returns at once.
    func end(orderly: Bool) {
        mail.change(wakingAll: true) { if $0.end == nil { $0.end = orderly } }
        interrupt.raise()
    }

    /// Asks the health command now, behind a probe that runs; nil when the attempt is over.
    func askHealth() -> ProbeAnswer? {
        let question = Question()
        let isTaken = mail.withLock { mail in
            if mail.isOver || mail.end != nil { return false }
            mail.questions.append(question)
            return true
        }
        guard isTaken else { return nil }
        mail.change(wakingAll: true) { _ in }
        return question.answer.wait { $0 }?.answer
    }

    /// How long its orderly end takes at most: its stop command, then the time between SIGTERM and the kill.
    var stopTime: Duration { definition.settings.stopTimeout + definition.settings.killGrace }

    /// What runs in its room.
    var members: [RoomMember] { room?.room.members() ?? [] }

    /// Its room and what it is made for, while that is open.
    var room: Opened? { opened.withLock { $0 } }

    // MARK: The thread

    private func run() {
        var survivors = 0
        do {
            let listener = try makeListener()
            var definition = definition
            definition.room = try prepare(definition.room)
            let room = try runner.open(confinement(definition.room), output: log)
            opened.withLock { $0 = Opened(room: room, definition: definition) }
            onRoom()
            let isUp = try start(room)
            serve(room, isUp: isUp)
            survivors = close(room, isUp: isUp)
            withExtendedLifetime(listener) {}
        } catch {
            report(.refused("\(error)"))
        }
        opened.withLock { $0 = nil }
        finish()
        log.flush()
        report(.ended(survivors: survivors))
    }

    private var needsListener: Bool {
        definition.settings.readiness == .notify || definition.settings.watchdog != nil
    }

    private func makeListener() throws -> NotifyListener? {
        guard needsListener else { return nil }
        return try NotifyListener(path: notifyPath, uid: definition.room.identity.uid, report: report)
    }

    private func confinement(_ prepared: Confinement) -> Confinement {
        var room = prepared
        guard needsListener else { return room }
        room.mounts.append(.init(host: notifyPath, inside: NotifyListener.inside, isWritable: true))
        room.environment["NOTIFY_SOCKET"] = NotifyListener.inside
        if let interval = definition.settings.watchdog {
            room.environment["WATCHDOG_USEC"] = String(interval.milliseconds * 1000)
        }
        return room
    }

    /// Runs the start command, and watches over what it left.
    private func start(_ open: any OpenRoom) throws -> Bool {
        var options = ConfinedRun(timeout: definition.settings.startTimeout)
        options.stop = interrupt
        let result = try open.run(definition.start, options)
        report(.started(result.cause))
        guard result.isSuccess else { return false }
        // What has ended already is told at once, before the time to settle could take it for running.
        if open.waitUntilEmpty(timeout: .zero) {
            report(.gone(open.serviceExit))
        } else {
            try watch(open)
        }
        return true
    }

    private func watch(_ open: any OpenRoom) throws(SystemError) {
        let thread = ServiceThread(name: "pack-watch", stackSize: 256 << 10) { [self] in
            while !mail.withLock({ $0.isOver || $0.end != nil }) {
                guard open.waitUntilEmpty(timeout: .seconds(60)) else { continue }
                return report(.gone(open.serviceExit))
            }
        }
        guard let thread else { throw SystemError.noThread(for: definition.id) }
        thread.leave()
    }

    /// Puts probes and questions, one after the other, until the end is asked for.
    private func serve(_ open: any OpenRoom, isUp: Bool) {
        var schedule = ProbeSchedule(isUp ? definition.probes : [:], at: ContinuousClock.now)
        let asker = ProbeRunner(room: definition.room, stop: interrupt)
        while true {
            let pause = schedule.next.map { max(.zero, $0 - ContinuousClock.now) }
            let mail = mail.wait(timeout: pause) { mail -> Mail? in
                guard mail.end != nil || !mail.questions.isEmpty else { return nil }
                defer { mail.questions = [] }
                return mail
            }
            for question in mail?.questions ?? [] {
                question.reply(asker.ask(health, in: open))
            }
            if mail?.end != nil { return }
            while let (role, probe) = schedule.due(at: ContinuousClock.now) {
                let answer = asker.ask(probe, in: open)
                if let verdict = schedule.count(role, answer.passed, at: ContinuousClock.now) {
                    report(.probed(role, passed: verdict, detail: answer.detail))
                }
                if self.mail.withLock({ $0.end != nil }) { break }
            }
        }
    }

    private var health: Probe {
        var probe = Probe(.command(definition.health))
        probe.timeout = definition.healthTimeout
        return probe
    }

    private func close(_ open: any OpenRoom, isUp: Bool) -> Int {
        if isUp, mail.withLock({ $0.end }) == true {
            let options = ConfinedRun(timeout: definition.settings.stopTimeout)
            let result = Result { try open.run(definition.stop, options) }
            switch result {
            case .success(let result) where result.isSuccess: break
            case .success(let result): log.remark("the stop command \(result.cause)")
            case .failure(let error): log.remark("the stop command did not run: \(error)")
            }
        }
        let survivors = open.close(grace: definition.settings.killGrace)
        for member in survivors { log.remark("process \(member.pid) could not be killed: \(member.command)") }
        return survivors.count
    }

    private func finish() {
        let questions = mail.withLock { mail in
            mail.isOver = true
            defer { mail.questions = [] }
            return mail.questions
        }
        for question in questions { question.reply(nil) }
    }
}
