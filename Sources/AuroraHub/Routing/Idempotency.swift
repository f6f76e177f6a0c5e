import AuroraCrypto
import AuroraDatabase
import AuroraHTTP
import AuroraModel
import AuroraSystem

/// Gives a repeated request the answer of the first one instead of doing it again (S-34).
///
/// The key is written down before the work starts, so that after a crash in the middle a repetition is told so instead of
/// being done twice. Requests with one key wait for each other. Faults of the hub (5xx) are not kept.
final class Idempotency: Sendable {
    private let database: Database
    private let turns = KeyedLock<String>()
    /// How long answers are kept: 24 hours.
    static let lifetime: Int64 = 24 * 3600 * 1000

    init(database: Database) { self.database = database }

    /// Runs `work` once per key of a user.
    func perform(_ context: RequestContext, _ work: () throws -> HTTPResponse) throws -> HTTPResponse {
        guard let key = context.head.headers["Idempotency-Key"], let user = context.identity?.user else {
            return try work()
        }
        guard (8...128).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem.badRequest(
                "the Idempotency-Key must be 8 to 128 visible ASCII characters", subject: "Idempotency-Key")
        }
        return try turns.withLock("\(user) \(key)") { try perform(context, user: user, key: key, work) }
    }

    private func perform(
        _ context: RequestContext, user: UserName, key: String, _ work: () throws -> HTTPResponse
    ) throws -> HTTPResponse {
        let fingerprint = Self.fingerprint(of: context)
        if let answer = try known(user: user, key: key, fingerprint: fingerprint) { return answer }
        try database.write {
            try IdempotencyStore.begin(
                user: user, key: key, fingerprint: fingerprint, now: context.now, in: $0)
        }
        do {
            let response = try work()
            try keep(response, user: user, key: key, hasSecret: context.route.answersSecret)
            return response
        } catch {
            let problem = Problem(error)
            if problem.status >= 500 {
                try database.write { try IdempotencyStore.forget(user: user, key: key, in: $0) }
            } else {
                let response = problem.response(requestID: context.id, family: context.route.family)
                try keep(response, user: user, key: key, hasSecret: false)
            }
            throw error
        }
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

    private func keep(_ response: HTTPResponse, user: UserName, key: String, hasSecret: Bool) throws {
        var body: [UInt8] = []
        if case .bytes(let bytes) = response.body { body = bytes }
        let answer = IdempotencyStore.Answer(
            status: response.status, contentType: response.headers["Content-Type"],
            location: response.headers["Location"], body: hasSecret ? nil : body)
        try database.write { try IdempotencyStore.finish(user: user, key: key, answer: answer, in: $0) }
    }

    private static func fingerprint(of context: RequestContext) -> [UInt8] {
        var digest = SHA256()
        digest.update(Array("\(context.port.rawValue) \(context.head.method.rawValue) \(context.head.target)\n".utf8))
        digest.update(context.bytes)
        return digest.finalize()
    }
}
