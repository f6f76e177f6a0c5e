import AuroraModel
import AuroraPacks
import AuroraSandbox
import AuroraSystem
import AuroraTrust

/// `aurora device waive`: an operator's signed word that one layer may be missing, for one pack and a while.
enum WaiverCommand {
    static let command = Command(
        "device waive", "let one pack run without one sandbox layer for some days",
        discussion: """
            A missing layer refuses every start. A waiver lowers that bar for one pack on this device, until a date, \
            signed with an operator's key that device.yaml names; aurora pack info shows it. Only the cgroup can be \
            waived: without it the limits of a pack hold for each process alone.
            """,
        arguments: [CommandArgument("pack", "the pack's id")],
        options: [
            .value("layer", "LAYER", hint: .choice(WaivedLayers.waivable.map(\.rawValue).sorted()), "which layer"),
            .value("days", "N", "how long it holds, at most 366 [7]"), .reason, .key, .passphraseFile,
            PackCommands.operatorName, .device,
        ],
        examples: ["device waive pack-status --layer cgroup --days 3 --reason \"kernel update on Monday\""],
        run: run)

    private static func run(_ invocation: Invocation) throws -> ExitCode {
        let local = try LocalDevice(invocation)
        let configuration = local.device.configuration
        let pack = try Invocation.packID(invocation.argument("pack"))
        guard let layer = invocation.line.value("layer") else {
            throw CommandError.usage("no layer is named", remedy: "add --layer cgroup")
        }
        let now = Timestamp(milliseconds: invocation.surroundings.clock.now())
        let days = min(366, try invocation.number("days") ?? 7)
        let reason = try invocation.reason(for: "run \(pack) without \(layer)")
        let signer = try PackApprover.signer(invocation, known: configuration.operators)
        let waiver = LayerWaiver(
            device: configuration.target.text, pack: pack, layer: layer, operator: signer.name, reason: reason,
            notBefore: now, notAfter: now.adding(seconds: Int64(days) * 86_400))
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: waiver.bytes)
        envelope.sign(with: signer.key)
        let file = try local.device.keep(waiver, signed: envelope, by: local.actor)
        invocation.console.show("LayerWaiver", ["file": .string(file)], names: [file]) {
            "\(pack) may run without \(layer) until \(waiver.notAfter)"
        }
        return .success
    }
}
