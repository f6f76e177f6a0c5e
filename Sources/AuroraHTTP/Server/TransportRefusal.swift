/// A request that was refused before any handler saw it.
package struct TransportRefusal: Error, Hashable, Sendable {
    /// The stable codes of these refusals.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case requestMalformed = "request_malformed"
        case versionUnsupported = "version_unsupported"
        case methodUnknown = "method_unknown"
        case methodNotAllowed = "method_not_allowed"
        case targetTooLong = "target_too_long"
        case targetMalformed = "target_malformed"
        case pathUnsafe = "path_unsafe"
        case queryMalformed = "query_malformed"
        case headerTooLarge = "header_too_large"
        case headerMalformed = "header_malformed"
        case hostInvalid = "host_invalid"
        case lengthAmbiguous = "length_ambiguous"
        case transferEncodingUnsupported = "transfer_encoding_unsupported"
        case expectationFailed = "expectation_failed"
        case bodyUnexpected = "body_unexpected"
        case bodyTooLarge = "body_too_large"
        case bodyMalformed = "body_malformed"
        case stopping = "server_stopping"
    }

    /// The stable code.
    package var code: Code
    /// The status of the answer.
    package var status: Int
    /// What was wrong, on what, in a sentence for people; holds nothing the client sent.
    package var detail: String
    /// The numeric address of the other side; empty until the server knows it.
    package var remoteAddress: String

    /// Describes a refusal.
    package init(_ code: Code, status: Int = 400, detail: String, remoteAddress: String = "") {
        self.code = code
        self.status = status
        self.detail = detail
        self.remoteAddress = remoteAddress
    }

    /// The answer sent when ``HTTPServerConfiguration/onRefusal`` gives none: problem+json (RFC 9457).
    package var defaultResponse: HTTPResponse {
        let body =
            #"{"type":"about:blank","title":"Request refused","status":\#(status),"#
            + #""code":"\#(code.rawValue)","detail":"\#(detail)"}"# + "\n"
        return HTTPResponse(
            status: status,
            headers: ["Content-Type": "application/problem+json", "Cache-Control": "no-store"],
            body: .bytes(Array(body.utf8)), closesConnection: true)
    }
}
