/// Why a request got no answer.
///
/// An answer of any status is not an error.
package enum FetchError: Error, Hashable, Sendable {
    /// The request itself cannot be sent, and why.
    case request(String)
    /// A file to send or to fill could not be used; `code` is `errno`.
    case file(path: String, operation: String, code: Int32)
    /// libcurl failed: its code, its own text, and what was being done, without secrets.
    case transfer(code: Int32, message: String, doing: String)
    /// The answer was larger than the caller allowed.
    case tooLarge(limit: Int, doing: String)
    /// The caller's progress function stopped it.
    case cancelled(doing: String)
}

extension FetchError {
    /// Whether the server was not reached at all: no name, no connection, no route.
    package var isUnreachable: Bool {
        // CURLE_COULDNT_RESOLVE_PROXY, _HOST and CURLE_COULDNT_CONNECT
        if case .transfer(let code, _, _) = self { return (5...7).contains(code) }
        return false
    }

    /// Whether the other side's certificate was the reason.
    package var isCertificateProblem: Bool {
        // CURLE_PEER_FAILED_VERIFICATION, _SSL_CERTPROBLEM, _SSL_CACERT_BADFILE and _SSL_ISSUER_ERROR
        if case .transfer(let code, _, _) = self { return [60, 58, 77, 83].contains(code) }
        return false
    }

    /// Whether time ran out.
    package var isTimeout: Bool {
        if case .transfer(let code, _, _) = self { return code == 28 }
        return false
    }
}

extension FetchError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .request(let why):
            "the request cannot be sent: \(why)"
        case .file(let path, let operation, let code):
            "\(operation) \(path) failed: \(systemText(code))"
        case .transfer(let code, let message, let doing):
            "\(doing) failed: \(message) (curl \(code))"
        case .tooLarge(let limit, let doing):
            "\(doing) failed: the answer is larger than \(limit) bytes"
        case .cancelled(let doing):
            "\(doing) was stopped"
        }
    }
}
