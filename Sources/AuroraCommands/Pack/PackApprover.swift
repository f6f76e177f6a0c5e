import AuroraCrypto
import AuroraModel
import AuroraPacks
import AuroraSystem
import AuroraTrust

/// Where the approval of a plan of packs comes from: a file, or the person at this terminal.
struct PackApprover {
    let invocation: Invocation
    let configuration: DeviceConfiguration

    private var console: Console { invocation.console }

    /// The approval to bring along; for `--approval` from the file, else asked for.
    ///
    /// The plan has been shown before.
    func evidence(for plan: PackPlan) throws -> ApprovalEvidence {
        if let file = invocation.line.value("approval") { return .signed(try Self.envelope(file)) }
        guard plan.needsApproval || configuration.policy.unattended == .refuse else { return .none }
        guard invocation.mayAsk else { return .none }
        console.prompt("Operator approval required. Type APPROVE to continue: ")
        guard (invocation.surroundings.readLine() ?? "").trimmed == "APPROVE" else {
            throw CommandError("nothing was changed: not approved", code: "declined", exit: .approvalRefused)
        }
        let reason = try invocation.reason(for: "approve this")
        return try signed(plan, reason) ?? .console(login: LoginUser.current, reason: reason)
    }

    /// Signed with this user's operator key; nil when there is none here and the device takes approvals at its terminal.
    private func signed(_ plan: PackPlan, _ reason: String) throws -> ApprovalEvidence? {
        let path = LocalOperatorKey.path(invocation)
        guard LocalFile.exists(path) else {
            guard configuration.policy.console == .accept, invocation.line.value("key") == nil else {
                throw CommandError(
                    "there is no operator key \(path)", cause: "this device takes operator-signed approvals only",
                    remedy: "aurora key generate, and add the public half to operators in device.yaml",
                    code: "operator_signature_required", exit: .usage)
            }
            return typed("no operator key here")
        }
        do {
            return .signed(try Self.sign(plan, reason: reason, invocation, known: configuration.operators))
        } catch let error as CommandError
            where error.code == "unknown_signer" && configuration.policy.console == .accept
            && invocation.line.value("key") == nil
        {
            return typed("this device does not know your operator key")
        }
    }

    private func typed(_ why: String) -> ApprovalEvidence? {
        let person = LoginUser.current
        let login = person.isLogin ? "login uid \(person.uid)" : "uid \(person.uid) of this process, without a login"
        console.warn(
            "\(why): the approval is recorded as typed at this terminal by \(person.name) (\(login)), which is weaker")
        return nil
    }

    /// Signs a plan with this user's operator key.
    ///
    /// - Parameter known: the operators of the device, by whom the key says whose it is; nil where no device is at hand.
    static func sign(
        _ plan: PackPlan, reason: String, _ invocation: Invocation, known: [DeviceConfiguration.Operator]?
    ) throws -> Envelope {
        let signer = try signer(invocation, known: known)
        let now = Timestamp(milliseconds: invocation.surroundings.clock.now())
        let hours = try invocation.number("valid-hours") ?? 24
        let statement = ApprovalStatement(
            packs: plan, operator: signer.name, reason: reason, notBefore: now,
            notAfter: now.adding(seconds: Int64(min(hours, 24 * 365)) * 3600))
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        envelope.sign(with: signer.key)
        return envelope
    }

    /// This user's operator key, and whose it is.
    ///
    /// - Parameter known: the operators of the device, by whom the key says whose it is; nil where no device is at hand.
    static func signer(
        _ invocation: Invocation, known: [DeviceConfiguration.Operator]?
    ) throws -> (name: UserName, key: Ed25519PrivateKey) {
        let path = LocalOperatorKey.path(invocation)
        let key = try LocalOperatorKey.unlock(path, invocation)
        let owner = known?.first { person in person.keys.contains { $0.key == key.publicKey } }
        guard let name = try owner?.name ?? invocation.line.value("operator").map(UserName.require) else {
            throw CommandError(
                "nobody knows whose key \(path) is",
                cause: known == nil
                    ? "this command signs away from the device, and does not read its device.yaml"
                    : "device.yaml names no operator with it",
                remedy: known == nil
                    ? "say who you are, as device.yaml of the device names you: --operator NAME"
                    : "add the key to operators in device.yaml, or name its owner with --operator",
                code: "unknown_signer", exit: .usage)
        }
        return (name, key)
    }

    private static func envelope(_ file: String) throws -> Envelope {
        let bytes = try LocalFile.read(file, what: "approval", limit: 256 << 10)
        do {
            return try Envelope(parsing: bytes)
        } catch {
            throw CommandError(
                "\(file) is no signed approval", cause: error.message, remedy: "make one with aurora pack approve",
                code: error.code, exit: .verificationFailed)
        }
    }
}
