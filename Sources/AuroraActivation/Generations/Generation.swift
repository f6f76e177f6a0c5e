package import AuroraModel

/// One state a target can be in: a tree that was prepared, is active, or was.
package struct Generation: Hashable, Sendable {
    /// Where a generation stands in its life.
    package enum State: String, Hashable, Sendable {
        /// Complete on disk, never active so far.
        case prepared
        case active
        /// Was active and was replaced by a later one.
        case retired
        /// Was active and was taken back; its digest is blocked unless a person cleared it.
        case failed
    }

    /// One named tree of a generation.
    ///
    /// The first one is what the path shows, named `tree`; a hub target has no other. On a device it is the set, and the
    /// others are the packs in it by their ids: parts of the generation that live and are blocked by themselves.
    package struct Member: Hashable, Sendable {
        package let name: String
        package let treeDigest: Digest

        package init(name: String, treeDigest: Digest) {
            self.name = name
            self.treeDigest = treeDigest
        }
    }

    /// Counted from 0 (what was there before Aurora); never reused.
    package let number: Int
    /// The trees in it; empty for generation 0 when its content could not be described or nothing was there.
    package let members: [Member]
    /// SHA-256 of the approved plan that made it; nil for generation 0.
    package let planDigest: Digest?
    /// SHA-256 of the artifact the tree was unpacked from, if it came from one.
    package let artifact: Digest?
    /// Words for people, such as a release name and version.
    package let label: String
    /// When it was prepared or adopted, in milliseconds since 1970.
    package let created: Int64
    package var state: State
    /// Which directory the tree is, for targets that are real directories; known by inode, never by a file in the tree.
    var identity: TreeIdentity?
    /// What was at the path, for generation 0.
    var adopted: AdoptedForm?

    /// The digest of the tree's manifest; nil when the content was adopted and could not be described, or was nothing.
    package var treeDigest: Digest? { members.first?.treeDigest }
    /// Whether this generation means: nothing at the path.
    package var isEmpty: Bool { adopted == AdoptedForm.none }

    /// All members but the tree itself.
    package var parts: [Member] { Array(members.dropFirst()) }

    /// The name of the member that the path shows.
    static let treeName = "tree"
}

extension Generation {
    var json: JSONValue {
        [
            "number": .integer(Int64(number)),
            "members": .array(members.map { ["name": .string($0.name), "tree": JSONValue($0.treeDigest)] }),
            "plan": JSONValue(planDigest), "artifact": JSONValue(artifact), "label": .string(label),
            "created": .integer(created), "state": .string(state.rawValue), "identity": JSONValue(identity),
            "adopted": JSONValue(adopted?.rawValue),
        ]
    }

    init(reader: JSONReader) throws {
        var reader = reader
        number = Int(try reader.integer("number", in: 0...Int64.max))
        members = try reader.readers("members").map { member in
            var member = member
            let result = Member(name: try member.string("name"), treeDigest: try member.digest("tree"))
            try member.finish()
            return result
        }
        planDigest = try reader.optionalDigest("plan")
        artifact = try reader.optionalDigest("artifact")
        label = try reader.string("label")
        created = try reader.integer("created")
        state = try reader.parsed("state", expected: "a state") { State(rawValue: $0) }
        identity = try TreeIdentity(optional: "identity", in: &reader)
        adopted = try reader.optionalParsed("adopted", expected: "a form") { AdoptedForm(rawValue: $0) }
        try reader.finish()
    }
}
