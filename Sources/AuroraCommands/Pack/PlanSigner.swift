import AuroraModel
import AuroraPacks
import AuroraTrust

/// `aurora pack approve`: an operator's signature under a plan, on a machine that need not be the device.
struct PlanSigner {
    let invocation: Invocation

    func run() throws -> ExitCode {
        let file = invocation.argument("plan")
        let plan = try Self.read(file)
        invocation.console.note(PackPlanText.text(plan))
        let reason = try invocation.reason(for: "approve this")
        let envelope = try PackApprover.sign(plan, reason: reason, invocation, known: nil)
        let destination = invocation.line.value("out") ?? file + ".approval"
        try LocalFile.write(destination, envelope.json.documentBytes)
        invocation.console.show(
            "PackApproval", ["file": .string(destination), "plan": JSONValue(plan.digest)], names: [destination]
        ) { "\(destination) approves plan \(plan.digest.hex)" }
        invocation.console.note("  next: aurora pack install … --approval \(destination), on the device")
        return .success
    }

    /// Reads a plan's bytes; they must be exactly those of a plan, since it is them that the digest names.
    private static func read(_ file: String) throws -> PackPlan {
        let bytes = try LocalFile.read(file, what: "plan", limit: 4 << 20)
        do {
            return try PackPlan(bytes: bytes)
        } catch {
            throw CommandError(
                "\(file) is no plan of packs", cause: error.message, remedy: "make it with aurora pack plan --out",
                code: error.code, exit: .verificationFailed)
        }
    }
}
