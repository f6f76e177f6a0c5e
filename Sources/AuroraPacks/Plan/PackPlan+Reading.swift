package import AuroraModel

extension PackPlan {
    /// Reads the bytes of a plan, strictly: what would not be written the same way again is refused, since the digest that
    /// is signed is of exactly these bytes.
    ///
    /// - Throws: a ``Refusal`` with code `bad_json` or `bad_document`.
    package init(bytes: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, maximumBytes: 4 << 20, depth: 16) } catch {
            throw Refusal(error, of: "the plan")
        }
        do { try self.init(value) } catch { throw Refusal(error, of: "the plan") }
        guard self.bytes == bytes else {
            throw Refusal(
                .badRequest, code: "bad_document", "The plan is not written as plans are.", subject: Self.format,
                rule: "a plan is canonical JSON", remedy: "take the file as pack plan --out wrote it")
        }
    }

    private init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        _ = try reader.parsed("format", expected: Self.format) { $0 == Self.format ? $0 : nil }
        action = try reader.parsed("action", expected: "install, activate or rollback") { Kind(rawValue: $0) }
        device = try reader.identifier("device")
        var from = try reader.reader("from")
        fromGeneration = Int(try from.integer("generation", in: 0...Int64(Int32.max)))
        fromSet = try from.optionalDigest("set")
        try from.finish()
        var to = try reader.reader("to")
        toSet = try to.optionalDigest("set")
        try to.finish()
        var changes: [Change] = []
        for item in try reader.readers("changes") { changes.append(try Change(item)) }
        self.changes = changes
        resolution = try reader.strings("resolution")
        var drift: [PlanDrift] = []
        for item in try reader.readers("drift") { drift.append(try PlanDrift(item)) }
        self.drift = drift
        stop = try Self.packs("stop", &reader)
        start = try Self.packs("start", &reader)
        newBytes = try reader.integer("newBytes", in: 0...Int64.max)
        missingFeatures = try reader.strings("missingFeatures")
        needsApproval = try reader.bool("needsApproval")
        policy = try reader.digest("policy")
        try reader.finish()
    }

    private static func packs(_ key: String, _ reader: inout JSONReader) throws(JSONShapeError) -> [PackID] {
        var ids: [PackID] = []
        for text in try reader.strings(key) {
            guard let id = PackID(text) else { throw reader.error(key, "holds \"\(text.printable(limit: 80))\"") }
            ids.append(id)
        }
        return ids
    }
}

extension PackPlan.Change {
    fileprivate init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        pack = try reader.identifier("pack")
        from = try Self.side("from", &reader)
        to = try Self.side("to", &reader)
        isSealed = try reader.bool("sealed")
        signature = try SignatureVerdict(try reader.reader("signature"))
        isRehearsable = try reader.bool("rehearsable")
        files = try PlanFiles(try reader.reader("files"))
        var permissions = try reader.reader("permissions")
        self.permissions = PackPlan.PermissionChange(
            from: try PackManifest.Permissions(try permissions.reader("from")),
            to: try PackManifest.Permissions(try permissions.reader("to")))
        let isWider = try permissions.bool("wider")
        guard isWider == self.permissions.isWider else { throw permissions.error("wider", "is not what the two say") }
        try permissions.finish()
        data = try PackPlan.DataChange(try reader.reader("data"))
        try reader.finish()
    }

    private static func side(_ key: String, _ reader: inout JSONReader) throws(JSONShapeError) -> Side? {
        guard var side = try reader.optionalReader(key) else { return nil }
        let version = try side.parsed("version", expected: "a version") { SemanticVersion($0) }
        let tree = try side.digest("tree")
        try side.finish()
        return Side(version: version, tree: tree)
    }
}

extension PackPlan.DataChange {
    fileprivate init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        action = try reader.parsed("action", expected: "an action on data") { Action(rawValue: $0) }
        from = try reader.optionalInteger("from").map { Int($0) }
        to = try reader.optionalInteger("to").map { Int($0) }
        migrate = try reader.optionalParsed("migrate", expected: "a path of the pack") { PackPath($0) }
        try reader.finish()
    }
}
