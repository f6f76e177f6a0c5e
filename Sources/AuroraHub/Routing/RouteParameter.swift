/// A query or header parameter of a route.
struct RouteParameter: Sendable {
    enum Place: String, Sendable { case query, header }
    enum Kind: Sendable {
        case string
        case integer(ClosedRange<Int64>)
        case choice([String])
    }

    let name: String
    let place: Place
    let kind: Kind
    let isRequired: Bool
    let summary: String

    static func query(_ name: String, _ summary: String, _ kind: Kind = .string, required: Bool = false) -> Self {
        RouteParameter(name: name, place: .query, kind: kind, isRequired: required, summary: summary)
    }

    static func header(_ name: String, _ summary: String) -> Self {
        RouteParameter(name: name, place: .header, kind: .string, isRequired: false, summary: summary)
    }

    /// The two parameters of every list.
    static let paging: [RouteParameter] = [
        .query("cursor", "Where to go on: the `next` of the page before."),
        .query("limit", "Entries per page, 50 when left out.", .integer(1...1000)),
    ]
}
