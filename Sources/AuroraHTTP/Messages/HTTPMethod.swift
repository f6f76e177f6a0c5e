/// The request methods Aurora answers; every other one is refused before a handler sees it.
///
/// HEAD is absent on purpose: a HEAD request reaches handlers as ``get`` with ``RequestHead/isHead`` set, and its answer
/// is sent without the body.
package enum HTTPMethod: String, Hashable, Sendable, CaseIterable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
}
