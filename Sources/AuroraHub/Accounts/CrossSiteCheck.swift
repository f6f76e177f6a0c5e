import AuroraCrypto
import AuroraHTTP

/// Keeps other sites' pages from acting with this browser's login (S-12).
///
/// Three independent locks: the browser's own word (`Sec-Fetch-Site`), the `Origin`, and a value only our pages know.
/// A cookie alone changes nothing.
enum CrossSiteCheck {
    /// Refuses a changing request that a foreign page made; asked for every sender, logged in or not.
    static func checkOrigin(_ head: RequestHead, isBehindProxy: Bool) throws(Problem) {
        guard head.method != .get else { return }
        if let site = head.headers["Sec-Fetch-Site"], site != "same-origin", site != "none" {
            throw failed("the browser says that another site's page made this request")
        }
        let origins = head.headers.values("Origin")
        guard let origin = origins.first else { return }
        guard origins.count == 1, let host = head.headers["Host"] else { throw failed("more than one Origin") }
        let schemes = isBehindProxy ? ["http", "https"] : [head.isTLS ? "https" : "http"]
        guard schemes.contains(where: { origin.lowercased() == "\($0)://\(host.lowercased())" }) else {
            throw failed("the Origin is not this hub")
        }
    }

    /// For requests that a session cookie authenticates: an origin must be there, and the anti-forgery value.
    ///
    /// - Parameter sent: the value of `X-CSRF-Token` or of the form field `csrf`.
    static func checkToken(_ head: RequestHead, sent: String?, expected: String) throws(Problem) {
        guard head.method != .get else { return }
        guard head.headers["Origin"] != nil || head.headers["Sec-Fetch-Site"] == "same-origin" else {
            throw failed("a request with a session cookie needs an Origin")
        }
        guard let sent, ConstantTime.equal(Array(sent.utf8), Array(expected.utf8)) else {
            throw failed("the anti-forgery value is missing or wrong")
        }
    }

    private static func failed(_ detail: String) -> Problem {
        Problem(
            403, "csrf_failed", detail, remedy: "reload the page of this hub and try again; scripts use an API token")
    }
}
