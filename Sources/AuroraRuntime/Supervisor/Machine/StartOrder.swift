/// Which service needs which, and the orders that follow: dependencies first on start, last on stop.
struct StartOrder: Hashable, Sendable {
    /// Every service, each behind those it needs; among equals by name.
    let order: [String]
    private let needs: [String: [String]]
    private let neededBy: [String: [String]]

    /// Of no services.
    init() {
        order = []
        needs = [:]
        neededBy = [:]
    }

    /// Sorts; services that need each other in a circle are refused.
    ///
    /// - Parameter needs: for each service the ones it needs; names that are no service stay what they are.
    init(_ needs: [String: [String]]) throws(SupervisorError) {
        var neededBy: [String: [String]] = [:]
        for (id, others) in needs { for other in others { neededBy[other, default: []].append(id) } }
        var open = needs.mapValues { others in Set(others.filter { needs[$0] != nil }) }
        var order: [String] = []
        while !open.isEmpty {
            let free = open.filter(\.value.isEmpty).keys.sorted()
            guard !free.isEmpty else { throw .circle(open.keys.sorted()) }
            for id in free {
                open[id] = nil
                for other in neededBy[id] ?? [] { open[other]?.remove(id) }
            }
            order += free
        }
        self.order = order
        self.needs = needs.mapValues { $0.sorted() }
        self.neededBy = neededBy.mapValues { $0.sorted() }
    }

    /// What `id` needs itself.
    func needs(of id: String) -> [String] { needs[id] ?? [] }

    /// What needs `id` itself.
    func dependants(of id: String) -> [String] { neededBy[id] ?? [] }

    /// `ids` and everything they need, directly or not.
    func withNeeds(_ ids: some Sequence<String>) -> Set<String> { closure(ids) { needs[$0] ?? [] } }

    /// `ids` and everything that needs them, directly or not.
    func withDependants(_ ids: some Sequence<String>) -> Set<String> { closure(ids) { neededBy[$0] ?? [] } }

    private func closure(_ ids: some Sequence<String>, _ next: (String) -> [String]) -> Set<String> {
        var found = Set<String>()
        var open = Array(ids)
        while let id = open.popLast() {
            if found.insert(id).inserted { open += next(id) }
        }
        return found
    }
}

/// Why the supervisor refuses what it was asked.
package enum SupervisorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// These services need each other, so none can be the first.
    case circle([String])
    /// No service has this name.
    case unknown(String)
    /// The supervisor has ended or is ending.
    case ended

    package var description: String {
        switch self {
        case .circle(let ids):
            "\(ids.joined(separator: ", ")) need each other in a circle; take one of these dependencies out"
        case .unknown(let id): "no active pack is called \(id); aurora pack status lists them"
        case .ended: "the supervisor is ending; start it again"
        }
    }
}
