/// An operator's word that one sandbox layer is not required for one pack on one device until a date: an in-toto
/// Statement v1, signed in a DSSE envelope like an approval.
///
/// It says nothing about root: no program of a pack runs as uid 0, whatever is waived.
package struct LayerWaiver: Hashable, Sendable {
    package static let predicateType = "https://aurora.dev/attestation/layer-waiver/v1"
    /// The longest time a waiver may hold, in seconds: what is needed for longer is to be repaired.
    package static let longestSeconds: Int64 = 366 * 86_400

    /// The device's own id as its configuration has it.
    package let device: String
    package let pack: PackID
    /// The layer's id, such as `cgroup`.
    package let layer: String
    package let operatorName: UserName
    package let reason: String
    /// The statement says nothing before this moment and nothing from ``notAfter`` on.
    package let notBefore: Timestamp
    package let notAfter: Timestamp

    /// Waives `layer` for `pack` on `device`.
    package init(
        device: String, pack: PackID, layer: String, operator operatorName: UserName, reason: String,
        notBefore: Timestamp, notAfter: Timestamp
    ) {
        self.device = device
        self.pack = pack
        self.layer = layer
        self.operatorName = operatorName
        self.reason = reason
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Whether it holds at this moment, and for no longer than a waiver may.
    package func holds(at moment: Timestamp) -> Bool {
        let span = notAfter.milliseconds.subtractingReportingOverflow(notBefore.milliseconds)
        guard !span.overflow, span.partialValue <= LayerWaiver.longestSeconds * 1000 else { return false }
        return notBefore <= moment && moment < notAfter
    }

    /// The payload that is signed.
    package var bytes: [UInt8] { json.documentBytes }

    package var json: JSONValue {
        [
            "_type": .string(ApprovalStatement.statementType), "predicateType": .string(LayerWaiver.predicateType),
            "predicate": [
                "device": .string(device), "pack": .string(pack.text), "layer": .string(layer),
                "operator": .string(operatorName.text), "reason": .string(reason), "notBefore": JSONValue(notBefore),
                "notAfter": JSONValue(notAfter),
            ],
        ]
    }

    /// Reads a signed payload of at most 16 KiB, strictly.
    /// - Throws: A ``Refusal`` with code `bad_json` or `bad_document`.
    package init(bytes: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, maximumBytes: 16_384, depth: 4) } catch {
            throw Refusal(error, of: "the layer waiver")
        }
        do { try self.init(value) } catch { throw Refusal(error, of: "the layer waiver") }
    }

    private init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        for (key, expected) in [
            ("_type", ApprovalStatement.statementType), ("predicateType", LayerWaiver.predicateType),
        ] {
            _ = try reader.parsed(key, expected: expected) { $0 == expected ? $0 : nil }
        }
        var predicate = try reader.reader("predicate")
        try reader.finish()
        device = try predicate.string("device")
        pack = try predicate.identifier("pack")
        layer = try predicate.string("layer")
        operatorName = try predicate.identifier("operator")
        reason = try predicate.string("reason")
        notBefore = try predicate.timestamp("notBefore")
        notAfter = try predicate.timestamp("notAfter")
        try predicate.finish()
    }
}
