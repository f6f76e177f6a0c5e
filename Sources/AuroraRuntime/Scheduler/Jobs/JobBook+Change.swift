extension JobBook {
    /// What takes a change back.
    ///
    /// It holds what was changed and not the book: a device may keep ten thousand jobs.
    struct Undo {
        /// What was kept of each job that was touched; nil where there was none.
        var entries: [JobID: Entry?] = [:]
        let live: [UInt64: LiveRun]
        let resources: ResourceQueue
        let outbox: Outbox
        let held: [JobID: Int64]
        let events: [JobEvent]
        let starts: [UInt64]
        let stops: [RunStop]
    }

    /// Makes a change, all of it or, when `body` throws, nothing.
    mutating func attempt(_ body: (inout JobBook) throws -> Void) throws {
        undo = Undo(
            live: live, resources: resources, outbox: outbox, held: held, events: events, starts: starts, stops: stops)
        do {
            try body(&self)
            undo = nil
        } catch {
            takeBack()
            throw error
        }
    }

    private mutating func takeBack() {
        guard let undo else { return }
        self.undo = nil
        for (id, old) in undo.entries {
            alarms.drop(entries[id]?.alarm)
            guard var old else {
                keep(nil, for: id)
                continue
            }
            // Its alarm may have been dropped: it gets a new one for the same moment.
            arm(&old)
            keep(old, for: id)
        }
        live = undo.live
        resources = undo.resources
        outbox = undo.outbox
        held = undo.held
        events = undo.events
        starts = undo.starts
        stops = undo.stops
    }
}
