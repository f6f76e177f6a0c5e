import AuroraDatabase

/// Brings what a ``JobBook`` has decided into the database, all of it in one transaction.
struct JobWriter {
    let database: Database
    let owner: RunOwner
    let isAlive: @Sendable (RunOwner) -> Bool

    /// What the database has, and the live runs that nobody carries out any more.
    func load() throws -> (jobs: [JobRow], dead: [RunRow]) {
        let (jobs, live) = try database.read { (try JobStore.jobs(in: $0), try JobStore.live(in: $0)) }
        return (jobs, live.filter { $0.owner == owner || !isAlive($0.owner) })
    }

    /// What became of the runs that were to begin.
    private struct Answer {
        var numbers: [UInt64: Int64] = [:]
        var held: [UInt64] = []
    }

    /// What is to be written, taken out of the book so that the writer's thread needs nothing else.
    private struct Letter {
        var rows: [JobRow] = []
        var removed: [JobID] = []
        var begins: [(ticket: UInt64, job: JobID, state: String, begun: Int64)] = []
        var ends: [(number: Int64, outcome: RunOutcome, moment: Int64)] = []
        var started: [Int64] = []

        var isEmpty: Bool {
            rows.isEmpty && removed.isEmpty && begins.isEmpty && ends.isEmpty && started.isEmpty
        }
    }

    /// Saves the outbox; on failure it stays, and nothing of it has happened.
    func save(_ book: inout JobBook, _ now: JobBook.Now) throws {
        guard !book.outbox.isEmpty else { return }
        let letter = Self.letter(of: book)
        let answer = letter.isEmpty ? Answer() : try database.write { try write(letter, in: $0) }
        let (started, stops) = (book.outbox.started, book.outbox.stops)
        book.outbox = JobBook.Outbox()
        book.stops += stops
        for (ticket, number) in answer.numbers { book.confirm(ticket, number: number) }
        book.starts += started.filter { !answer.held.contains($0) }
        for ticket in answer.held { book.hold(ticket, now) }
    }

    private static func letter(of book: JobBook) -> Letter {
        var letter = Letter(removed: book.outbox.removed.sorted(), ends: book.outbox.ends)
        letter.rows = book.outbox.jobs.sorted().compactMap { book.entries[$0]?.row }
        letter.begins = book.outbox.begins.compactMap { ticket in
            book.live[ticket].map { (ticket, $0.job.id, $0.isRunning ? "running" : "waiting", $0.begun) }
        }
        letter.started = book.outbox.started.compactMap { book.live[$0]?.number }
        return letter
    }

    private func write(_ letter: Letter, in transaction: Transaction) throws -> Answer {
        for end in letter.ends { try JobStore.end(end.number, end.outcome, at: end.moment, in: transaction) }
        for id in letter.removed { try JobStore.remove(id, in: transaction) }
        for row in letter.rows { try JobStore.put(row, in: transaction) }
        for number in letter.started { try JobStore.setState("running", of: number, in: transaction) }
        var answer = Answer()
        guard !letter.begins.isEmpty else { return answer }
        var number = try JobStore.nextRun(in: transaction)
        let first = number
        for begin in letter.begins {
            let run = RunRow(number: number, job: begin.job, state: begin.state, owner: owner, begun: begin.begun)
            if try start(run, in: transaction) {
                answer.numbers[begin.ticket] = number
                number += 1
            } else {
                answer.held.append(begin.ticket)
            }
        }
        // Looked at once in a thousand runs, so that it costs nothing.
        if first / 1000 != number / 1000 {
            try JobStore.prune(before: number - JobStore.runsKept, in: transaction)
        }
        return answer
    }

    /// Begins a run; one that a process which is gone has left gives way.
    private func start(_ run: RunRow, in transaction: Transaction) throws -> Bool {
        if try JobStore.begin(run, in: transaction) { return true }
        guard let other = try JobStore.live(of: run.job, in: transaction), !isAlive(other.owner) else { return false }
        try JobStore.end(other.number, .interrupted, at: run.begun, in: transaction)
        return try JobStore.begin(run, in: transaction)
    }
}
