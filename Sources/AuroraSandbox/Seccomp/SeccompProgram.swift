import AuroraSystem
import CSeccomp
import Glibc
import Synchronization

/// A list of denied or of allowed system calls compiled to the bytes the kernel runs; made by libseccomp, loaded by the launcher.
package struct SeccompProgram: Hashable, Sendable {
    /// One denial.
    package struct Rule: Hashable, Sendable {
        /// A condition on one argument.
        package enum Condition: Hashable, Sendable {
            /// The lower 32 bits equal this value.
            case equal(argument: UInt32, UInt32)
            /// The lower 32 bits differ from this value.
            case different(argument: UInt32, UInt32)
            /// At least one of these bits is set. One bit only.
            case hasBit(argument: UInt32, UInt64)
        }

        /// The call's name.
        package let call: String
        /// The error the call returns.
        package let error: Int32
        /// When it is denied; always, when there is no condition.
        package let condition: Condition?

        /// Makes a denial, by default with EPERM.
        package init(_ call: String, error: Int32 = EPERM, when condition: Condition? = nil) {
            self.call = call
            self.error = error
            self.condition = condition
        }
    }

    /// What is denied, for tests and for people.
    package let rules: [Rule]
    /// The only calls that are allowed; nil allows every call that no rule denies.
    package let allowed: [String]?

    /// Makes a program that denies what the rules say; nothing is compiled yet.
    package init(rules: [Rule]) {
        self.rules = rules
        allowed = nil
    }

    /// Makes a program that denies every call but these, with EPERM; nothing is compiled yet.
    package init(allowing calls: [String]) {
        rules = []
        allowed = calls
    }

    /// The program as `struct sock_filter` records for this machine's architecture.
    ///
    /// A call of a foreign architecture kills the process. A name that neither libseccomp nor `SeccompNumbers` knows
    /// is an error, never skipped. Made once: there are only a few programs, and compiling one takes longer than most
    /// other layers of a start.
    package func compiled() throws(SandboxRefusal) -> [UInt8] {
        if let known = SeccompProgram.known.withLock({ $0[self] }) { return known }
        let bytes = try compile()
        SeccompProgram.known.withLock { $0[self] = bytes }
        return bytes
    }

    private static let known = Mutex<[SeccompProgram: [UInt8]]>([:])

    private func compile() throws(SandboxRefusal) -> [UInt8] {
        let others = allowed == nil ? aurora_seccomp_allow() : aurora_seccomp_error(EPERM)
        guard let context = seccomp_init(others) else {
            throw SandboxRefusal(.seccomp, "libseccomp could not start")
        }
        defer { seccomp_release(context) }
        try require(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, aurora_seccomp_kill()), "bad architecture")
        for rule in rules { try add(rule, to: context) }
        for call in allowed ?? [] {
            let number = try number(of: call)
            if number >= 0 {
                try require(seccomp_rule_add_array(context, aurora_seccomp_allow(), number, 0, nil), call)
            }
        }
        return try export(context)
    }

    private func number(of call: String) throws(SandboxRefusal) -> Int32 {
        guard let number = SeccompNumbers.number(of: call) else {
            throw SandboxRefusal(.seccomp, "the system call \(call) has no known number")
        }
        return number
    }

    private func add(_ rule: Rule, to context: scmp_filter_ctx) throws(SandboxRefusal) {
        let number = try number(of: rule.call)
        // Calls that this architecture does not have cannot be made either.
        guard number >= 0 else { return }
        let action = aurora_seccomp_error(rule.error)
        guard let condition = rule.condition else {
            return try require(seccomp_rule_add_array(context, action, number, 0, nil), rule.call)
        }
        var comparison =
            switch condition {
            case .equal(let argument, let value):
                scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: 0xffff_ffff, datum_b: UInt64(value))
            case .different(let argument, let value):
                scmp_arg_cmp(arg: argument, op: SCMP_CMP_NE, datum_a: UInt64(value), datum_b: 0)
            case .hasBit(let argument, let bit):
                scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: bit, datum_b: bit)
            }
        try require(seccomp_rule_add_array(context, action, number, 1, &comparison), rule.call)
    }

    private func export(_ context: scmp_filter_ctx) throws(SandboxRefusal) -> [UInt8] {
        let number = aurora_sandbox_memory_file("aurora-seccomp")
        guard number >= 0 else { throw SandboxRefusal(.seccomp, "no memory file for the program") }
        let file = Descriptor(adopting: number)
        try require(seccomp_export_bpf(context, file.rawValue), "exporting the program")
        do {
            try file.seek(to: 0)
            return try file.readAll(limit: 1 << 20)
        } catch {
            throw SandboxRefusal(.seccomp, "reading the program back: \(error)")
        }
    }

    private func require(_ result: Int32, _ what: String) throws(SandboxRefusal) {
        guard result == 0 else {
            throw SandboxRefusal(.seccomp, "libseccomp, \(what): \(String(cString: strerror(-result)))")
        }
    }
}
