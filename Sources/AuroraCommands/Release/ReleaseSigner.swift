import AuroraModel

/// `aurora release sign`: a detached OpenPGP signature, made by gpg with the user's own keys.
struct ReleaseSigner {
    let invocation: Invocation

    /// Signs the release file beside the artifact, or what was named.
    func sign() throws -> ExitCode {
        let file = invocation.argument("file")
        let release = file + ".release.json"
        let signsRelease = !invocation.line.has("artifact") && LocalFile.exists(release)
        let signed = signsRelease ? release : file
        guard LocalFile.exists(signed) else {
            throw CommandError(
                "there is no file \(signed)", remedy: "aurora release build DIR --name NAME --version VERSION",
                code: "not_found", exit: .notFound)
        }
        if signsRelease { try check(release, of: file) }
        var arguments = ["--batch", "--yes", "--detach-sign", "--armor", "--digest-algo", "SHA512"]
        if let key = invocation.line.value("signing-key") { arguments += ["--local-user", key] }
        arguments += ["--output", signed + ".asc", "--", signed]
        try Tool(surroundings: invocation.surroundings).run("gpg", arguments, package: "gpg gpg-agent")
        let shown: JSONValue = ["file": .string(signed), "signature": .string(signed + ".asc")]
        invocation.console.show("Signature", shown, names: [signed + ".asc"]) { signed + ".asc" }
        invocation.console.note("  next: aurora release upload \(file)")
        return .success
    }

    /// Nobody should sign a release file that speaks about other bytes.
    private func check(_ release: String, of artifact: String) throws {
        let facts = try ReleaseFile(bytes: try LocalFile.read(release, what: "release file", limit: 65536))
        guard try ArtifactFile.measure(artifact).digest == facts.artifact else {
            throw CommandError(
                "\(release) speaks about other bytes than \(artifact)", remedy: "build the release again",
                code: "release_file_mismatch", exit: .verificationFailed)
        }
    }
}
