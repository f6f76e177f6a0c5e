import AuroraHTTP

/// Header fields that every answer carries, errors and refusals of the transport included (S-13).
enum SecurityHeaders {
    /// Nothing but our own files: no inline script or style, no frames, no foreign requests.
    static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    /// The fields for a server with or without TLS; an answer's own fields of the same name win.
    static func fields(tls: Bool) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "Content-Security-Policy": contentSecurityPolicy,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            // Not "no-referrer": under that, browsers send "Origin: null" with our own forms.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cache-Control": "no-store",
        ]
        if tls { headers["Strict-Transport-Security"] = "max-age=31536000" }
        return headers
    }
}
