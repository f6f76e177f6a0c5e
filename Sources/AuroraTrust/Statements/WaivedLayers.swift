import AuroraCrypto
package import AuroraModel
package import AuroraSandbox

/// Which sandbox layers an operator has waived for one pack on one device, from signed statements.
package enum WaivedLayers {
    /// Layers that can be waived at all: what is missing then is a bound or a second fence, never the room itself.
    package static let waivable: Set<SandboxLayer> = [.cgroup]

    /// The layers for which a statement holds, and what to show for each.
    ///
    /// A statement that is damaged, signed by somebody else, for another device or pack, not yet or no longer valid, or
    /// about a layer that cannot be waived counts for nothing.
    /// - Parameter operators: the operators of the device's configuration, by name.
    package static func waived(
        for pack: PackID, on device: String, by envelopes: [Envelope], operators: [UserName: [OperatorPublicKey]],
        at moment: Timestamp
    ) -> [SandboxLayer: String] {
        var waived: [SandboxLayer: String] = [:]
        for envelope in envelopes where envelope.payloadType == ApprovalStatement.payloadType {
            guard let waiver = try? LayerWaiver(bytes: envelope.payload), waiver.holds(at: moment),
                waiver.device == device, waiver.pack == pack, let layer = SandboxLayer(rawValue: waiver.layer),
                waivable.contains(layer),
                operators[waiver.operatorName]?.contains(where: { envelope.isSigned(by: $0.key) }) == true
            else { continue }
            waived[layer] = "waived by \(waiver.operatorName.text) until \(waiver.notAfter.rfc3339): \(waiver.reason)"
        }
        return waived
    }
}
