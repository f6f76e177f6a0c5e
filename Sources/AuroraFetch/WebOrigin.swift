import CCurl

/// Scheme, host and port of an address, read by libcurl's own URL parser.
struct WebOrigin: Hashable {
    let scheme: String
    let host: String
    let port: String

    /// Reads the origin of `url`; `nil` when it is not an absolute http(s) address.
    init?(_ url: String) {
        guard let parts = URLParts(url), ["http", "https"].contains(parts.scheme) else { return nil }
        scheme = parts.scheme
        host = parts.host
        port = parts.port
    }
}

/// The parts of a URL that requests are judged by.
struct URLParts {
    let scheme: String
    let host: String
    let port: String
    let path: String
    let hasUserInformation: Bool

    /// `CURLU_DEFAULT_PORT`, a macro Swift does not see.
    private static let defaultPort: UInt32 = 1

    /// Parses with `curl_url_set(3)`.
    init?(_ url: String) {
        guard let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else { return nil }
        func part(_ which: CURLUPart, flags: UInt32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, which, &text, flags) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        guard
            let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST),
            let port = part(CURLUPART_PORT, flags: Self.defaultPort)
        else { return nil }
        self.scheme = scheme.lowercased()
        self.host = host.lowercased()
        self.port = port
        path = part(CURLUPART_PATH) ?? "/"
        hasUserInformation = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    }
}
