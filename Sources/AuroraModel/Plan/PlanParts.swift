/// One side of a change: what is active before or after it.
package struct PlanState: Hashable, Sendable {
    /// The generation's number; for the new side of a promote the number it is going to have.
    package let generation: Int64?
    /// Nil only before anything was ever active.
    package let treeDigest: Digest?
    /// Nil for adopted content, which came from no artifact.
    package let artifact: Digest?
    /// From a signed release file; nil when there is none.
    package let name: ReleaseName?
    package let version: SemanticVersion?

    package init(
        generation: Int64?, treeDigest: Digest?, artifact: Digest? = nil, name: ReleaseName? = nil,
        version: SemanticVersion? = nil
    ) {
        self.generation = generation
        self.treeDigest = treeDigest
        self.artifact = artifact
        self.name = name
        self.version = version
    }

    package var json: JSONValue {
        var object: JSONObject = [:]
        if let generation { object["generation"] = .integer(generation) }
        if let treeDigest { object["treeDigest"] = JSONValue(treeDigest) }
        if let artifact { object["artifact"] = JSONValue(artifact) }
        if let name { object["name"] = .string(name.text) }
        if let version { object["version"] = .string("\(version)") }
        return .object(object)
    }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        generation = try reader.optionalInteger("generation", in: 0...Int64.max)
        treeDigest = try reader.optionalDigest("treeDigest")
        artifact = try reader.optionalDigest("artifact")
        name = try reader.optionalIdentifier("name")
        version = try reader.optionalParsed("version", expected: "a semantic version") { SemanticVersion($0) }
        try reader.finish()
    }
}

/// The size of the difference between both trees, and the digest that names it exactly.
package struct PlanFiles: Hashable, Sendable {
    package let added: Int64
    package let removed: Int64
    package let changed: Int64
    package let bytesAdded: Int64
    package let bytesRemoved: Int64
    /// SHA-256 of ``TreeDiff/listingBytes``.
    package let listing: Digest

    package init(_ diff: TreeDiff) {
        added = Int64(diff.added.count)
        removed = Int64(diff.removed.count)
        changed = Int64(diff.changed.count)
        bytesAdded = diff.bytesAdded
        bytesRemoved = diff.bytesRemoved
        listing = Digest(hashing: diff.listingBytes)
    }

    package var json: JSONValue {
        [
            "added": .integer(added), "removed": .integer(removed), "changed": .integer(changed),
            "bytesAdded": .integer(bytesAdded), "bytesRemoved": .integer(bytesRemoved),
            "listingSHA256": JSONValue(listing),
        ]
    }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        added = try reader.integer("added", in: 0...Int64.max)
        removed = try reader.integer("removed", in: 0...Int64.max)
        changed = try reader.integer("changed", in: 0...Int64.max)
        bytesAdded = try reader.integer("bytesAdded", in: 0...Int64.max)
        bytesRemoved = try reader.integer("bytesRemoved", in: 0...Int64.max)
        listing = try reader.digest("listingSHA256")
        try reader.finish()
    }
}

/// One difference between the active tree and what was activated.
package struct PlanDrift: Hashable, Sendable {
    package enum Problem: String, Sendable, CaseIterable {
        case added
        case removed
        case changed
    }

    package let path: String
    package let problem: Problem

    package init(path: String, problem: Problem) {
        self.path = path
        self.problem = problem
    }

    package var json: JSONValue { ["path": .string(path), "problem": .string(problem.rawValue)] }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        path = try reader.string("path")
        problem = try reader.parsed("problem", expected: "added, removed or changed") { Problem(rawValue: $0) }
        try reader.finish()
    }
}

/// What came of running the staged tree's health command in a sandboxed copy.
package struct PlanTrial: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case passed
        case failed
        case timedOut = "timed-out"
        /// The sandbox could not be built; the output says which layer is missing.
        case refused
    }

    package let state: State
    /// Nil when the command did not exit by itself.
    package let exitCode: Int64?
    /// What it printed, already cut to a readable size.
    package let output: String

    package init(state: State, exitCode: Int64?, output: String) {
        self.state = state
        self.exitCode = exitCode
        self.output = output
    }

    package var json: JSONValue {
        var object: JSONObject = ["state": .string(state.rawValue), "output": .string(output)]
        if let exitCode { object["exitCode"] = .integer(exitCode) }
        return .object(object)
    }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        state = try reader.parsed("state", expected: "passed, failed, timed-out or refused") { State(rawValue: $0) }
        exitCode = try reader.optionalInteger("exitCode")
        output = try reader.string("output")
        try reader.finish()
    }
}

/// The policy a plan is to be approved under; another policy makes another plan.
package struct PlanPolicy: Hashable, Sendable {
    package let name: String
    package let digest: Digest

    package init(name: String, digest: Digest) {
        self.name = name
        self.digest = digest
    }

    package init(_ policy: Policy) { self.init(name: policy.name, digest: policy.digest) }

    package var json: JSONValue { ["name": .string(name), "digest": JSONValue(digest)] }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        name = try reader.string("name")
        digest = try reader.digest("digest")
        try reader.finish()
    }
}
