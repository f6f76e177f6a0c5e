import AuroraHTTP
import AuroraModel

extension HTTPResponse {
    /// One page of a list: `{"items":[…],"next":…}`.
    static func list(_ items: [JSONValue], next: String?) -> HTTPResponse {
        .json(["items": .array(items), "next": JSONValue(next)])
    }

    /// A page cut from a query that asked for one item more than the limit.
    ///
    /// - Parameter key: what the next page starts after, taken from the last item shown.
    static func page<Item>(
        _ found: [Item], limit: Int, key: (Item) -> String, json: (Item) throws -> JSONValue
    ) rethrows -> HTTPResponse {
        let shown = found.prefix(limit)
        let next = found.count > limit ? shown.last.map(key) : nil
        return .list(try shown.map(json), next: next)
    }
}

extension RouteResponse {
    static func ok(_ schema: String, _ summary: String = "Done.") -> RouteResponse {
        RouteResponse(200, summary, schema)
    }

    static func list(of schema: String) -> RouteResponse { RouteResponse(200, "One page.", "\(schema)List") }

    static let noContent = RouteResponse(204, "Done; there is nothing to say.")
}
