package import AuroraDatabase
import AuroraModel

/// A job's row.
struct JobRow: Hashable {
    let id: JobID
    /// ``Job/json`` as one line; text, so that what this program does not understand is kept as it is.
    var definition: String
    /// The moment of the calendar it is due next for, jitter not counted; nil without one.
    var nextWall: Int64?
    /// The moment of the boot clock it is due at, and the clocks when that was worked out.
    var nextBoot: Int64?
    var anchor: Anchor
    var pending: Int
    var lastRun: Int64?
    var lastOutcome: RunOutcome?

    /// Both clocks at one moment of one start of the machine.
    struct Anchor: Hashable {
        var bootID: String
        var boot: Int64
        var wall: Int64
    }
}

/// A run's row.
struct RunRow: Hashable {
    let number: Int64
    let job: JobID
    /// `waiting` for resources or `running`, and then the word of its ``RunOutcome``.
    var state: String
    let owner: RunOwner
    /// Milliseconds since 1970.
    let begun: Int64
}

/// The SQL of jobs and their runs.
package enum JobStore {
    /// The tables; the index lets no job have two live runs, whichever processes start them.
    package static let migrations = [
        Migration(
            name: "jobs-1",
            statements: [
                """
                CREATE TABLE jobs (
                    id TEXT PRIMARY KEY, definition TEXT NOT NULL, next_wall BIGINT, next_boot BIGINT,
                    boot_id TEXT NOT NULL, anchor_boot BIGINT NOT NULL, anchor_wall BIGINT NOT NULL,
                    pending BIGINT NOT NULL, last_run BIGINT, last_outcome TEXT, last_detail TEXT NOT NULL)
                """,
                """
                CREATE TABLE job_runs (
                    number BIGINT PRIMARY KEY, job TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL,
                    begun BIGINT NOT NULL, ended BIGINT, detail TEXT NOT NULL)
                """,
                "CREATE UNIQUE INDEX job_runs_live ON job_runs (job) WHERE ended IS NULL",
                "CREATE INDEX job_runs_job ON job_runs (job, number)",
            ])
    ]

    /// Ended runs that are kept, of all jobs together.
    static let runsKept: Int64 = 20_000

    // MARK: Jobs

    static func put(_ row: JobRow, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO jobs (id, definition, next_wall, next_boot, boot_id, anchor_boot, anchor_wall, pending,
                last_run, last_outcome, last_detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, next_wall = excluded.next_wall,
                next_boot = excluded.next_boot, boot_id = excluded.boot_id, anchor_boot = excluded.anchor_boot,
                anchor_wall = excluded.anchor_wall, pending = excluded.pending, last_run = excluded.last_run,
                last_outcome = excluded.last_outcome, last_detail = excluded.last_detail
            """,
            [
                .text(row.id.text), .text(row.definition), SQLValue(row.nextWall), SQLValue(row.nextBoot),
                .text(row.anchor.bootID), .integer(row.anchor.boot), .integer(row.anchor.wall),
                .integer(Int64(row.pending)), SQLValue(row.lastRun), SQLValue(row.lastOutcome?.word),
                .text(row.lastOutcome?.detail ?? ""),
            ])
    }

    static func remove(_ id: JobID, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM jobs WHERE id = ?", [.text(id.text)])
    }

    /// All jobs, by id.
    static func jobs(in transaction: Transaction) throws -> [JobRow] {
        try transaction.query("SELECT * FROM jobs ORDER BY id").compactMap { row in
            guard let id = JobID(try row.text("id")) else { return nil }
            let outcome = try row.optionalText("last_outcome")
            return JobRow(
                id: id, definition: try row.text("definition"), nextWall: try row.optionalInteger("next_wall"),
                nextBoot: try row.optionalInteger("next_boot"),
                anchor: JobRow.Anchor(
                    bootID: try row.text("boot_id"), boot: try row.integer("anchor_boot"),
                    wall: try row.integer("anchor_wall")),
                pending: Int(clamping: try row.integer("pending")), lastRun: try row.optionalInteger("last_run"),
                lastOutcome: RunOutcome(word: outcome ?? "", detail: try row.text("last_detail")))
        }
    }

    // MARK: Runs

    /// The number the next run gets at least.
    static func nextRun(in transaction: Transaction) throws -> Int64 {
        let row = try transaction.first("SELECT MAX(number) AS number FROM job_runs")
        return (try row?.optionalInteger("number") ?? 0) + 1
    }

    /// Begins a run unless the job has a live one; says whether it did.
    static func begin(_ run: RunRow, in transaction: Transaction) throws -> Bool {
        let count = try transaction.execute(
            """
            INSERT INTO job_runs (number, job, state, owner, begun, ended, detail)
            SELECT ?, ?, ?, ?, ?, NULL, '' WHERE NOT EXISTS (SELECT 1 FROM job_runs WHERE job = ? AND ended IS NULL)
            """,
            [
                .integer(run.number), .text(run.job.text), .text(run.state), .text(run.owner.text),
                .integer(run.begun), .text(run.job.text),
            ])
        return count == 1
    }

    static func setState(_ state: String, of run: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE job_runs SET state = ? WHERE number = ? AND ended IS NULL", [.text(state), .integer(run)])
    }

    static func end(_ run: Int64, _ outcome: RunOutcome, at moment: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE job_runs SET state = ?, ended = ?, detail = ? WHERE number = ? AND ended IS NULL",
            [.text(outcome.word), .integer(moment), .text(outcome.detail), .integer(run)])
    }

    /// Runs that have begun and not ended, whoever carries them out.
    static func live(in transaction: Transaction) throws -> [RunRow] {
        try runs("SELECT * FROM job_runs WHERE ended IS NULL ORDER BY number", [], in: transaction)
    }

    /// The live run of a job, whoever carries it out.
    static func live(of job: JobID, in transaction: Transaction) throws -> RunRow? {
        try runs("SELECT * FROM job_runs WHERE job = ? AND ended IS NULL", [.text(job.text)], in: transaction).first
    }

    /// The newest runs of a job, newest first.
    static func history(of job: JobID, limit: Int, in transaction: Transaction) throws -> [RunRow] {
        try runs(
            "SELECT * FROM job_runs WHERE job = ? ORDER BY number DESC LIMIT ?",
            [.text(job.text), .integer(Int64(limit))], in: transaction)
    }

    /// The run of a job that ended last.
    static func lastRun(of job: JobID, in transaction: Transaction) throws -> JobRecord.Run? {
        let row = try transaction.first(
            "SELECT * FROM job_runs WHERE job = ? AND ended IS NOT NULL ORDER BY number DESC LIMIT 1", [.text(job.text)]
        )
        guard let row, let outcome = RunOutcome(word: try row.text("state"), detail: try row.text("detail")) else {
            return nil
        }
        return JobRecord.Run(
            begun: Timestamp(milliseconds: try row.integer("begun")),
            ended: Timestamp(milliseconds: try row.integer("ended")), outcome: outcome)
    }

    private static func runs(_ sql: String, _ values: [SQLValue], in transaction: Transaction) throws -> [RunRow] {
        try transaction.query(sql, values).compactMap { row in
            guard let job = JobID(try row.text("job")) else { return nil }
            return RunRow(
                number: try row.integer("number"), job: job, state: try row.text("state"),
                owner: RunOwner(text: try row.text("owner")), begun: try row.integer("begun"))
        }
    }

    /// Forgets ended runs that are too old to be of interest.
    static func prune(before number: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM job_runs WHERE number < ? AND ended IS NOT NULL", [.integer(number)])
    }
}
