import AuroraModel

@testable import AuroraRuntime

/// What the scheduler of jobs must do, in the plainest form: a list, looked through at every step, minute by minute.
///
/// It shares the five fields of a cron expression and the offsets of a zone with the scheduler, which have tests of their
/// own, and nothing else.
struct MonthModel {
    struct Task {
        let job: Job
        let zone: Zone
        let jitter: Int64
        var dueBoot: Int64?
        var dueWall: Int64?
        var anchorBoot: Int64 = 0
        var anchorWall: Int64 = 0
        var pending = 0
        var isRunning = false
        /// Whether its run was begun in this step, so that it has not been handed over yet.
        var isFresh = false
        var isGone = false
    }

    var tasks: [Task] = []
    /// The jobs that begin a run, and those whose run is called off, since they were last taken.
    private(set) var begun: [String] = []
    private var offset: Int64?
    private var wasTrusted = false

    static let minute: Int64 = 60_000

    mutating func takeBegun() -> [String] {
        defer { begun = [] }
        return begun
    }

    mutating func add(_ job: Job, zone: Zone, boot: Int64, wall: Int64) {
        var task = Task(
            job: job, zone: zone, jitter: Jitter.delay(device: "device-1", job: job.id, window: job.jitter))
        task.anchorBoot = boot
        task.anchorWall = wall
        switch job.trigger {
        case .after(let delay): task.dueBoot = boot + delay.nanoseconds + task.jitter
        case .every(let period): task.dueBoot = boot + period.nanoseconds + task.jitter
        case .cron: task.dueWall = Self.next(task, after: wall)
        }
        tasks.append(task)
    }

    /// The first look at the clocks.
    mutating func begin(boot: Int64, wall: Int64) {
        offset = wall - boot / 1_000_000
        wasTrusted = true
    }

    /// Process killed: runs are gone, and what waited for them begins.
    mutating func restart(isReboot: Bool, boot: Int64, wall: Int64, isTrusted: Bool) {
        offset = wall - boot / 1_000_000
        wasTrusted = isTrusted
        for index in tasks.indices {
            tasks[index].isRunning = false
            if isReboot, let due = tasks[index].dueBoot {
                var left = due - tasks[index].anchorBoot
                if isTrusted, wall > tasks[index].anchorWall { left -= (wall - tasks[index].anchorWall) * 1_000_000 }
                tasks[index].dueBoot = boot + left
                tasks[index].anchorBoot = boot
                tasks[index].anchorWall = wall
            }
            beginPending(index)
        }
        if isTrusted { replan(wall) }
    }

    mutating func step(boot: Int64, wall: Int64, isTrusted: Bool, ended: [String]) {
        let jump = wall - boot / 1_000_000 - (offset ?? wall - boot / 1_000_000)
        offset = wall - boot / 1_000_000
        if isTrusted && !wasTrusted || wasTrusted && isTrusted && abs(jump) > Self.minute { replan(wall) }
        wasTrusted = isTrusted
        for name in ended {
            guard let index = tasks.firstIndex(where: { $0.job.id.text == name && $0.isRunning }) else { continue }
            tasks[index].isRunning = false
            beginPending(index)
        }
        for index in tasks.indices where !tasks[index].isGone {
            lookAt(index, boot: boot, wall: wall, isTrusted: isTrusted)
        }
        for index in tasks.indices { tasks[index].isFresh = false }
    }

    private mutating func replan(_ wall: Int64) {
        for index in tasks.indices {
            guard case .cron = tasks[index].job.trigger else { continue }
            let delayed = wall - tasks[index].jitter / 1_000_000
            if let due = tasks[index].dueWall, due <= delayed { continue }
            tasks[index].dueWall = Self.next(tasks[index], after: delayed)
        }
    }

    private mutating func lookAt(_ index: Int, boot: Int64, wall: Int64, isTrusted: Bool) {
        let task = tasks[index]
        if let due = task.dueBoot, due <= boot {
            var moments = [due]
            if case .every(let period) = task.job.trigger {
                while let last = moments.last, last + period.nanoseconds <= boot {
                    moments.append(last + period.nanoseconds)
                }
                tasks[index].dueBoot = (moments.last ?? due) + period.nanoseconds
                tasks[index].anchorBoot = boot
                tasks[index].anchorWall = wall
            } else {
                tasks[index].dueBoot = nil
                tasks[index].isGone = true
            }
            decide(index, late: moments.map { (boot - $0) / 1_000_000 })
        }
        let delayed = wall - task.jitter / 1_000_000
        if isTrusted, let due = task.dueWall, due <= delayed {
            var moments = [due]
            while let next = Self.next(task, after: moments.last ?? due), next <= delayed { moments.append(next) }
            tasks[index].dueWall = Self.next(task, after: delayed)
            decide(index, late: moments.map { delayed - $0 })
        }
    }

    /// - Parameter late: how long ago each moment was, in milliseconds, oldest first.
    private mutating func decide(_ index: Int, late: [Int64]) {
        let runs: Int
        switch tasks[index].job.missed {
        case .skip: runs = (late.last ?? 0) / 1000 <= 60 ? 1 : 0
        case .once: runs = 1
        case .all(let most): runs = min(most, late.count)
        }
        guard runs > 0 else { return }
        if !tasks[index].isRunning && tasks[index].pending == 0 {
            tasks[index].pending = runs
            beginPending(index)
            return
        }
        switch tasks[index].job.overlap {
        case .forbid: break
        case .queue: tasks[index].pending = max(1, tasks[index].pending)
        // A run that nobody has been given yet is replaced without ever beginning: the new one stands in its place.
        case .replace: tasks[index].pending = tasks[index].isFresh ? runs - 1 : runs
        }
    }

    private mutating func beginPending(_ index: Int) {
        guard !tasks[index].isRunning, tasks[index].pending > 0 else { return }
        tasks[index].pending -= 1
        tasks[index].isRunning = true
        tasks[index].isFresh = true
        begun.append(tasks[index].job.id.text)
    }

    /// The next moment of a calendar in milliseconds, by walking through the minutes of up to 40 days.
    private static func next(_ task: Task, after wall: Int64) -> Int64? {
        guard case .cron(let cron, _) = task.job.trigger else { return nil }
        let start = wall.flooredDivision(by: 1000)
        return MinuteWalk(cron: cron, zone: task.zone).first(after: start, days: 40).map { $0 * 1000 }
    }
}
