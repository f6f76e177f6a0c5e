/// The tasks that ``Timers`` keeps and when they are due; touched with its lock held.
///
/// A key is the place of a task in `slots` and, in the upper half, how often that place was used, so that a key never means
/// another task later. An entry of a heap whose key is not valid any more is passed over.
struct TimerState {
    struct Slot {
        let label: String
        let priority: Priority
        /// Nanoseconds; 0 runs once.
        let period: Int64
        var work: Timers.Work?
        /// Whether the pool has it, and whether it has begun.
        var isActive = false
        var isRunning = false
        var isCancelled = false
        var lastFailure: String?
        var use: UInt32 = 0

        init(label: String, priority: Priority, period: Int64, work: @escaping Timers.Work) {
            self.label = label
            self.priority = priority
            self.period = period
            self.work = work
        }
    }

    var isStopping = false
    /// How often the thread went to sleep.
    private(set) var looks = 0
    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var boot = TimerHeap()
    private var wall = TimerHeap()
    /// Entries of the heaps whose task was called off.
    private var stale = 0
    /// Until when the thread sleeps.
    private var sleepsUntil: (boot: Int64, wall: Int64) = (Int64.min, Int64.min)

    var count: Int { slots.count - free.count }

    /// Adds a task; says whether the thread must wake to see it.
    mutating func add(_ slot: Slot, boot bootMoment: Int64?, wall wallMoment: Int64?) -> (key: UInt64, isEarliest: Bool)
    {
        let key: UInt64
        if let place = free.popLast() {
            let use = slots[Int(place)].use &+ 1
            slots[Int(place)] = slot
            slots[Int(place)].use = use
            key = UInt64(use) << 32 | UInt64(place)
        } else {
            key = UInt64(slots.count)
            slots.append(slot)
        }
        if let bootMoment { boot.insert(moment: bootMoment, key: key) }
        if let wallMoment { wall.insert(moment: wallMoment, key: key) }
        return (key, bootMoment ?? Int64.max < sleepsUntil.boot || wallMoment ?? Int64.max < sleepsUntil.wall)
    }

    func slot(_ key: UInt64) -> Slot? {
        let place = Int(key & 0xFFFF_FFFF)
        guard place < slots.count, slots[place].use == UInt32(key >> 32), slots[place].work != nil else { return nil }
        return slots[place]
    }

    /// Calls a task off; true when it will not start any more.
    mutating func cancel(_ key: UInt64) -> Bool {
        guard let slot = slot(key), !slot.isCancelled else { return false }
        let place = Int(key & 0xFFFF_FFFF)
        if slot.isActive {
            slots[place].isCancelled = true
            return !slot.isRunning
        }
        release(place)
        stale += 1
        if stale > 1024, stale * 2 > boot.count + wall.count { compact() }
        return true
    }

    private mutating func release(_ place: Int) {
        slots[place].work = nil
        free.append(UInt32(place))
    }

    private mutating func compact() {
        let slots = slots
        let isKept = { (key: UInt64) in
            slots[Int(key & 0xFFFF_FFFF)].use == UInt32(key >> 32) && slots[Int(key & 0xFFFF_FFFF)].work != nil
        }
        boot.filter(isKept)
        wall.filter(isKept)
        stale = 0
    }

    /// Takes up to `limit` tasks that are due, earliest first.
    mutating func takeDue(boot bootNow: Int64, wall wallNow: Int64, limit: Int) -> [(key: UInt64, priority: Priority)] {
        var due: [(key: UInt64, priority: Priority)] = []
        guard !isStopping else { return due }
        while due.count < limit, let entry = boot.popFirst(until: bootNow) { take(entry, bootNow, &due) }
        while due.count < limit, let entry = wall.popFirst(until: wallNow) { take(entry, bootNow, &due) }
        return due
    }

    private mutating func take(_ entry: TimerHeap.Entry, _ now: Int64, _ due: inout [(key: UInt64, priority: Priority)])
    {
        guard let slot = slot(entry.key), !slot.isCancelled else {
            stale = max(0, stale - 1)
            return
        }
        let place = Int(entry.key & 0xFFFF_FFFF)
        if slot.period > 0 {
            // The first moment of the rate that is still to come, however late it is.
            let periods = (now - entry.moment) / slot.period + 1
            boot.insert(moment: entry.moment &+ periods &* slot.period, key: entry.key)
            if slot.isActive { return }
        }
        slots[place].isActive = true
        due.append((entry.key, slot.priority))
    }

    /// The next moments, which the thread then sleeps until.
    mutating func rest() -> (boot: Int64?, wall: Int64?) {
        looks += 1
        sleepsUntil = (boot.first?.moment ?? Int64.max, wall.first?.moment ?? Int64.max)
        return (boot.first?.moment, wall.first?.moment)
    }

    /// The task, when it may begin.
    mutating func begin(_ key: UInt64) -> (label: String, work: Timers.Work)? {
        guard let slot = slot(key) else { return nil }
        let place = Int(key & 0xFFFF_FFFF)
        guard !slot.isCancelled, !isStopping, let work = slot.work else {
            release(place)
            return nil
        }
        slots[place].isRunning = true
        return (slot.label, work)
    }

    /// A run is over: the task goes, or waits for its next moment.
    mutating func end(_ key: UInt64, failure: String?) {
        let place = Int(key & 0xFFFF_FFFF)
        guard let slot = slot(key) else { return }
        slots[place].isActive = false
        slots[place].isRunning = false
        slots[place].lastFailure = failure
        if slot.period == 0 || slot.isCancelled { release(place) }
    }
}
