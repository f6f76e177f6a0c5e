import AuroraCrypto
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import Synchronization

/// Gives a repeated request the answer of the first one instead of doing it again (S-34).
///
/// The key is written down before the work starts, so that after a crash in the middle a repetition is told so instead of
/// being done twice. Requests with one key take turns: those that wait are parked. Faults of the hub (5xx) are not kept.
final class Idempotency: Sendable {
    /// Whose requests with one key exclude each other.
    private struct Turn: Hashable {
        let user: UserName
        let key: String
    }

    private let database: Database
    /// The turns that are taken, each with those that wait for it.
    private let turns = Mutex<[Turn: [Waker]]>([:])
    /// How long answers are kept: 24 hours.
    static let lifetime: Int64 = 24 * 3600 * 1000

    init(database: Database) { self.database = database }

    /// Runs `work` once per key of a user.
    func perform(
        _ context: RequestContext, _ work: @escaping @Sendable () throws -> HTTPResponse
    ) throws -> HTTPResponse {
        guard let key = context.head.headers["Idempotency-Key"], let user = context.identity?.user else {
            return try work()
        }
        guard (8...128).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem.badRequest(
                "the Idempotency-Key must be 8 to 128 visible ASCII characters", subject: "Idempotency-Key")
        }
        let turn = Turn(user: user, key: key)
        guard let waker = enter(turn) else { return try take(turn, context, work) }
        return HTTPResponse(
            parked: ParkedAnswer(waker) { [self] reason in
                guard reason == .ready else { throw Problem.stopping }
                return try take(turn, context, work)
            })
    }

    /// Gives the answer that is known, or does the work; whoever calls has the turn.
    private func take(
        _ turn: Turn, _ context: RequestContext, _ work: @Sendable () throws -> HTTPResponse
    ) throws -> HTTPResponse {
        do {
            let fingerprint = Self.fingerprint(of: context)
            if let answer = try known(user: turn.user, key: turn.key, fingerprint: fingerprint) {
                leave(turn)
                return answer
            }
            try database.write {
                try IdempotencyStore.begin(
                    user: turn.user, key: turn.key, fingerprint: fingerprint, now: context.now, in: $0)
            }
        } catch {
            leave(turn)
            throw error
        }
        return try conclude(turn, context, work)
    }

    /// Keeps what `make` gives and ends the turn; for a parked answer when that is made.
    private func conclude(
        _ turn: Turn, _ context: RequestContext, _ make: () throws -> HTTPResponse
    ) throws -> HTTPResponse {
        let outcome = Result { try make() }
        if case .success(let response) = outcome, case .parked(let parked) = response.body {
            return HTTPResponse(parked: parked.wrapped { [self] make in try conclude(turn, context, make) })
        }
        defer { leave(turn) }
        switch outcome {
        case .success(let response): try keep(response, turn, hasSecret: context.route.answersSecret)
        case .failure(let error):
            let problem = Problem(error)
            if problem.status >= 500 {
                try database.write { try IdempotencyStore.forget(user: turn.user, key: turn.key, in: $0) }
            } else {
                let response = problem.response(requestID: context.id, family: context.route.family)
                try keep(response, turn, hasSecret: false)
            }
        }
        return try outcome.get()
    }

    /// Forgets answers that are older than 24 hours.
    func expire(now: Int64) throws {
        try database.write { try IdempotencyStore.deleteBefore(now - Self.lifetime, in: $0) }
    }

    private func known(user: UserName, key: String, fingerprint: [UInt8]) throws -> HTTPResponse? {
        guard let record = try database.read({ try IdempotencyStore.record(user: user, key: key, in: $0) }) else {
            return nil
        }
        guard record.fingerprint == fingerprint else {
            throw Problem(
                422, "idempotency_mismatch", "this Idempotency-Key was used for another request",
                remedy: "use a new key for each new request", subject: "Idempotency-Key")
        }
        guard let answer = record.answer else {
            throw Problem.conflict(
                "idempotency_interrupted", "the hub stopped in the middle of the first request with this key",
                remedy: "look what became of it (changes, audit), then use a new key")
        }
        guard let body = answer.body else {
            throw Problem.conflict(
                "idempotency_secret", "the first answer held a secret, which is shown only once",
                remedy: "delete what was made and make a new one with a new key")
        }
        var headers: HTTPHeaders = ["Idempotency-Replayed": "true"]
        headers["Content-Type"] = answer.contentType
        headers["Location"] = answer.location
        return HTTPResponse(status: answer.status, headers: headers, body: body.isEmpty ? .none : .bytes(body))
    }

    private func keep(_ response: HTTPResponse, _ turn: Turn, hasSecret: Bool) throws {
        var body: [UInt8] = []
        if case .bytes(let bytes) = response.body { body = bytes }
        let answer = IdempotencyStore.Answer(
            status: response.status, contentType: response.headers["Content-Type"],
            location: response.headers["Location"], body: hasSecret ? nil : body)
        try database.write { try IdempotencyStore.finish(user: turn.user, key: turn.key, answer: answer, in: $0) }
    }

    private static func fingerprint(of context: RequestContext) -> [UInt8] {
        var digest = SHA256()
        digest.update(Array("\(context.port.rawValue) \(context.head.method.rawValue) \(context.head.target)\n".utf8))
        digest.update(context.bytes)
        return digest.finalize()
    }

    /// Takes the turn when it is free; otherwise what will say that it has become this request's.
    private func enter(_ turn: Turn) -> Waker? {
        turns.withLock { turns in
            guard turns[turn] != nil else {
                turns[turn] = []
                return nil
            }
            let waker = Waker()
            turns[turn]?.append(waker)
            return waker
        }
    }

    /// Hands the turn to whoever has waited longest.
    private func leave(_ turn: Turn) {
        let next = turns.withLock { turns -> Waker? in
            guard let waiting = turns[turn], let first = waiting.first else {
                turns[turn] = nil
                return nil
            }
            turns[turn] = Array(waiting.dropFirst())
            return first
        }
        next?.wake()
    }
}
