import AuroraModel

/// The order in which packs start: each after all that it needs, by name where that leaves a choice.
enum InstallOrder {
    /// - Parameter needs: what each pack of the set needs, all of it in the set.
    /// - Throws: ``ResolutionFailure/cycle(_:)``.
    static func order(_ needs: [PackID: [PackID]]) throws(ResolutionFailure) -> [PackID] {
        var order: [PackID] = []
        var finished: Set<PackID> = []
        for start in needs.keys.sorted() where !finished.contains(start) {
            // The packs that wait for each other, each with what it still waits for; no recursion, chains may be long.
            var path: [(pack: PackID, rest: ArraySlice<PackID>)] = [(start, waits(start, needs))]
            var waiting: Set<PackID> = [start]
            while var step = path.popLast() {
                let pack = step.pack
                guard let next = step.rest.popFirst() else {
                    waiting.remove(pack)
                    finished.insert(pack)
                    order.append(pack)
                    continue
                }
                path.append(step)
                if finished.contains(next) { continue }
                guard waiting.insert(next).inserted else { throw .cycle(circle(path.map(\.pack), back: next)) }
                path.append((next, waits(next, needs)))
            }
        }
        return order
    }

    private static func waits(_ pack: PackID, _ needs: [PackID: [PackID]]) -> ArraySlice<PackID> {
        (needs[pack] ?? []).sorted()[...]
    }

    private static func circle(_ path: [PackID], back: PackID) -> [PackID] {
        Array(path.drop { $0 != back }) + [back]
    }
}
