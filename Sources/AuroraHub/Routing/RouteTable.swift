import AuroraHTTP

/// All routes of the hub, sorted so that the most specific pattern is tried first.
struct RouteTable: Sendable {
    let routes: [Route]
    /// Routes by port and number of path segments; `rest` patterns are in the list of every greater number too.
    private let index: [HubPort: [Int: [Route]]]
    private static let longestPath = 32

    init(_ routes: [Route]) {
        let sorted = routes.sorted { left, right in
            left.pattern.rank.lexicographicallyPrecedes(right.pattern.rank)
        }
        var index: [HubPort: [Int: [Route]]] = [:]
        for route in sorted {
            for port in route.ports {
                for count in Self.counts(of: route.pattern) {
                    index[port, default: [:]][count, default: []].append(route)
                }
            }
        }
        self.routes = sorted
        self.index = index
    }

    /// What a path leads to.
    enum Match {
        case route(Route, values: [String: String])
        /// The path exists, the method does not.
        case otherMethods([String])
        case nothing
    }

    /// The server hands HEAD on as GET, so that each GET route answers both.
    func find(method: HTTPMethod, segments: [String], port: HubPort) -> Match {
        var methods: [String] = []
        for route in index[port]?[min(segments.count, Self.longestPath)] ?? [] {
            guard let values = route.pattern.match(segments) else { continue }
            if route.method == method { return .route(route, values: values) }
            if !methods.contains(route.method.rawValue) { methods.append(route.method.rawValue) }
        }
        guard !methods.isEmpty else { return .nothing }
        if methods.contains("GET") { methods.append("HEAD") }
        return .otherMethods(methods.sorted())
    }

    private static func counts(of pattern: RoutePattern) -> [Int] {
        guard case .rest = pattern.pieces.last else { return [min(pattern.pieces.count, longestPath)] }
        return Array(pattern.pieces.count...longestPath)
    }
}
