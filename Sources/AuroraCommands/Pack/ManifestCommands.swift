import AuroraFields
import AuroraModel
import AuroraPacks

/// The commands for whoever writes a pack: they look at a folder and need no device.
enum ManifestCommands {
    static let commands: [Command] = [lint, seal, schema]

    private static let folder = CommandArgument(
        "folder", "the pack's folder [the present one]", count: .optional, hint: .directory)

    static let lint = Command(
        "pack lint", "look for what is wrong with a pack, and what could be better",
        discussion: """
            Every finding names file, line, column and field, and what to write instead. Errors end with exit code 9; \
            warnings, such as an artifact without a digest, do not.
            """,
        arguments: [folder], examples: ["pack lint packs/pack-status"],
        run: { invocation in
            let findings = packFolder(invocation).lint()
            let items = findings.map { finding -> JSONValue in
                let problem = finding.problem
                return [
                    "severity": .string(finding.severity.rawValue), "file": .string(problem.file),
                    "line": .integer(Int64(problem.line)), "column": .integer(Int64(problem.column)),
                    "field": .string(problem.field), "problem": .string(problem.problem),
                    "remedy": .string(problem.remedy),
                ]
            }
            let isGood = !findings.contains { $0.severity == .error }
            invocation.console.show("PackLint", ["items": .array(items)], names: findings.map(\.problem.field)) {
                findings.isEmpty ? "nothing to say about it" : findings.map { "\($0)\n" }.joined()
            }
            return isGood ? .success : .verificationFailed
        })

    static let seal = Command(
        "pack seal", "write the digest of every artifact into the manifest",
        discussion:
            "Only the digests change: comments, order and layout of the file stay. Sealing twice is sealing once.",
        arguments: [folder], examples: ["pack seal packs/pack-status"],
        run: { invocation in
            let sealed: [SealedArtifact]
            do throws(DocumentError) {
                sealed = try packFolder(invocation).seal()
            } catch {
                throw CommandError(
                    error, all: "aurora pack lint", code: "manifest_invalid", exit: .verificationFailed)
            }
            let items = sealed.map { artifact -> JSONValue in
                ["path": .string(artifact.path.text), "sha256": JSONValue(artifact.after)]
            }
            invocation.console.show("PackSeal", ["items": .array(items)], names: sealed.map(\.path.text)) {
                sealed.isEmpty ? "sealed already" : sealed.map { "\($0.path)  \($0.after.hex)\n" }.joined()
            }
            return .success
        })

    static let schema = Command(
        "pack schema", "print the JSON Schema of manifests, for editors and CI",
        run: { invocation in
            invocation.console.raw(String(decoding: ManifestReference.schema.prettyBytes, as: UTF8.self))
            return .success
        })

    private static func packFolder(_ invocation: Invocation) -> PackFolder {
        PackFolder(invocation.line.argument("folder") ?? ".")
    }
}
