package import AuroraModel

/// Everything the journal says about a target; changed only by applying records.
package struct TargetState: Hashable, Sendable {
    /// A digest that may not be activated here again until a person clears it.
    package struct Block: Hashable, Sendable {
        package let tree: Digest
        package let generation: Int
        package let reason: String
    }

    /// By number, ascending; collected ones are gone.
    package private(set) var generations: [Generation] = []
    /// The generation that is committed as active; nil before adoption.
    package private(set) var active: Int?
    /// The generation that takes the active one back; nil after a rollback, and at the start.
    package private(set) var undo: Int?
    package private(set) var blocked: [Block] = []
    package private(set) var pinned: Set<Int> = []
    /// The operation that has begun and not ended.
    package private(set) var open: Operation?
    /// Why the target needs a person; nil when all is well.
    ///
    /// Cleared by the next committed activation.
    package private(set) var degraded: String?
    package private(set) var nextNumber = 0
    private(set) var adopting: AdoptionIntent?

    struct AdoptionIntent: Hashable, Sendable {
        let form: AdoptedForm
        let identity: TreeIdentity?
    }

    package func generation(_ number: Int) -> Generation? { generations.first { $0.number == number } }

    package func isBlocked(_ tree: Digest) -> Bool { blocked.contains { $0.tree == tree } }

    /// Applies one record in the order of the journal.
    mutating func apply(_ record: JournalRecord) {
        switch record {
        case .adopting(let form, let identity): adopting = AdoptionIntent(form: form, identity: identity)
        case .adopted(let generation):
            insert(generation)
            active = generation.number
            adopting = nil
        case .prepared(let generation): insert(generation)
        case .intent(let operation): open = operation
        case .switched: open?.phase = .switched
        case .gate(let attempt): open?.attempts = attempt
        case .rollback(let reason, let blamed):
            open?.phase = .rollingBack
            open?.reason = reason
            open?.blamed = blamed
        case .commit: commit()
        case .rolledBack: takenBack()
        case .degraded(let reason, _): degrade(reason)
        case .aborted: open = nil
        case .unblocked(let digest): blocked.removeAll { $0.tree == digest }
        case .pinned(let number): pinned.insert(number)
        case .unpinned(let number): pinned.remove(number)
        case .collected(let numbers):
            generations.removeAll { numbers.contains($0.number) }
            pinned.subtract(numbers)
        case .snapshot(let state): self = state
        }
    }

    private mutating func insert(_ generation: Generation) {
        generations.append(generation)
        nextNumber = max(nextNumber, generation.number + 1)
    }

    private mutating func commit() {
        guard let operation = open else { return }
        finish(operation, active: operation.to)
        degraded = nil
    }

    /// The end of an activation that fell back: what was active before is active again, and so is its way back.
    private mutating func takenBack() {
        guard let operation = open else { return }
        open = nil
        fail(
            operation.to, comparedWith: operation.from, reason: operation.reason ?? "not healthy",
            blamed: operation.blamed)
    }

    private mutating func degrade(_ reason: String) {
        guard let operation = open else { return }
        switch operation.action {
        case .activate: takenBack()
        case .rollback: finish(operation, active: operation.to)
        }
        degraded = reason
    }

    private mutating func finish(_ operation: Operation, active number: Int) {
        open = nil
        active = number
        set(.active, of: number)
        switch operation.action {
        case .activate:
            undo = operation.from
            set(.retired, of: operation.from)
        case .rollback:
            undo = nil
            fail(operation.from, comparedWith: number, reason: operation.reason ?? "taken back by a person")
        }
    }

    /// Blocks the tree, and of its parts the blamed ones; when nobody is to blame, all that came with it.
    private mutating func fail(
        _ number: Int, comparedWith running: Int, reason: String, blamed: [Digest] = []
    ) {
        set(.failed, of: number)
        let members = generation(number)?.members.map(\.treeDigest) ?? []
        let parts = members.dropFirst().filter { blamed.isEmpty || blamed.contains($0) }
        // A digest that also runs in the generation that stays must not be blocked: it would block the running tree.
        let staying = Set(generation(running)?.members.map(\.treeDigest) ?? [])
        for tree in members.prefix(1) + parts where !staying.contains(tree) {
            blocked.removeAll { $0.tree == tree }
            blocked.append(Block(tree: tree, generation: number, reason: reason))
        }
    }

    private mutating func set(_ state: Generation.State, of number: Int) {
        guard let index = generations.firstIndex(where: { $0.number == number }) else { return }
        generations[index].state = state
    }
}

extension TargetState {
    var json: JSONValue {
        [
            "generations": .array(generations.map(\.json)), "active": JSONValue(active), "undo": JSONValue(undo),
            "blocked": .array(
                blocked.map {
                    [
                        "tree": JSONValue($0.tree), "generation": .integer(Int64($0.generation)),
                        "reason": .string($0.reason),
                    ]
                }),
            "pinned": .array(pinned.sorted().map { .integer(Int64($0)) }), "open": open?.json ?? .null,
            "degraded": JSONValue(degraded), "next": .integer(Int64(nextNumber)),
        ]
    }

    init(reader: JSONReader) throws {
        var reader = reader
        generations = try reader.readers("generations").map(Generation.init(reader:))
        active = try reader.optionalInteger("active").map(Int.init)
        undo = try reader.optionalInteger("undo").map(Int.init)
        blocked = try reader.readers("blocked").map { item in
            var item = item
            let block = Block(
                tree: try item.digest("tree"), generation: Int(try item.integer("generation")),
                reason: try item.string("reason"))
            try item.finish()
            return block
        }
        pinned = Set(try reader.array("pinned").map { Int($0.integer ?? -1) })
        open = try reader.optionalReader("open").map(Operation.init(reader:))
        degraded = try reader.optionalString("degraded")
        nextNumber = Int(try reader.integer("next", in: 0...Int64.max))
        try reader.finish()
    }
}
