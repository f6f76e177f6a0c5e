import AuroraFields
import AuroraModel
import AuroraSystem
import Glibc

extension PackFolder {
    /// Looks at the manifest and at everything in the folder.
    ///
    /// - Returns: what it found, errors first, then by file and line; nothing for a pack that is fine. What an error in
    ///   the manifest hides is not looked at.
    package func lint() -> [PackFinding] {
        var findings: [PackFinding] = []
        do throws(DocumentError) {
            let documents = try manifests()
            _ = try manifest()
            for document in documents { findings += look(at: document) }
        } catch { findings += error.problems.map { PackFinding(.error, $0) } }
        findings += lookAtTree()
        return findings.sorted { $0.order < $1.order }
    }

    private func look(at document: ManifestDocument) -> [PackFinding] {
        artifactFindings(document) + programFindings(document) + ManifestAdvice(document: document).findings
    }

    // MARK: Artifacts

    private func artifactFindings(_ document: ManifestDocument) -> [PackFinding] {
        document.artifactPlaces.compactMap { place in
            do throws(SystemError) {
                guard let expected = place.artifact.digest else {
                    _ = try open(place.artifact.path)
                    return unsealed(place, in: document)
                }
                guard let found = try digest(of: place.artifact.path), found != expected else { return nil }
                return PackFinding(
                    .error,
                    document.problem(
                        place.field + ".sha256",
                        "is \(expected.short)…, and \(place.artifact.path) has \(found.short)…",
                        "put the right file there, or accept this one with aurora pack seal"))
            } catch { return absent(place, error, in: document) }
        }
    }

    private func unsealed(_ place: ArtifactPlace, in document: ManifestDocument) -> PackFinding {
        PackFinding(
            .warning,
            document.problem(
                place.field + ".sha256", "is empty: nothing says what \(place.artifact.path) must hold",
                "aurora pack seal"))
    }

    private func absent(_ place: ArtifactPlace, _ error: SystemError, in document: ManifestDocument) -> PackFinding {
        let variant = place.variant.map { "; the variant \($0) cannot be taken" } ?? ""
        return PackFinding(
            place.variant != nil && error.errno == ENOENT ? .warning : .error,
            document.problem(
                place.field + ".path", "\(place.artifact.path) \(Self.reason(error))\(variant)",
                "add the file, or remove the artifact"))
    }

    // MARK: Programs

    private func programFindings(_ document: ManifestDocument) -> [PackFinding] {
        document.programPlaces.compactMap { place in
            do throws(SystemError) {
                let file = try open(place.path)
                let start = try file.pread(4, at: 0)
                if try file.stat().mode & 0o111 == 0 {
                    return PackFinding(
                        .warning,
                        document.problem(place.field, "\(place.path) is not executable", "chmod +x \(place.path)"))
                }
                guard !start.starts(with: "#!".utf8), start != [0x7F, 0x45, 0x4C, 0x46] else { return nil }
                return PackFinding(
                    .warning,
                    document.problem(
                        place.field, "\(place.path) does not begin with #!",
                        "make its first line #!/usr/bin/env bash, or what it is written in"))
            } catch {
                return PackFinding(
                    .error,
                    document.problem(
                        place.field, "\(place.path) \(Self.reason(error))", "add the file, or name another one"))
            }
        }
    }

    static func reason(_ error: SystemError) -> String {
        switch error.errno {
        case ENOENT: "is not in the pack"
        case ELOOP, ENOTDIR: "is reached through a link, and links are not followed"
        case EINVAL: "is no regular file"
        default: "cannot be read: \(error)"
        }
    }

    // MARK: The tree

    private func lookAtTree() -> [PackFinding] {
        let entries: [TreeEntry]
        do throws(SystemError) { entries = try FileTree.walk(path) } catch {
            return [finding(.error, "the folder", "cannot be walked: \(error)", "correct what is named")]
        }
        return entries.compactMap(finding(about:))
    }

    private func finding(about entry: TreeEntry) -> PackFinding? {
        let name = entry.path.printable(limit: 200)
        if ManifestText.mounts.contains(entry.path) {
            return finding(
                .error, name, "is in the pack, and a device puts its own writable \(entry.path) folder there",
                "remove it; install makes what it needs inside")
        }
        switch entry.kind {
        case .other:
            return finding(.error, name, "is a device, a pipe or a socket", "remove it")
        case .symlink where !Self.staysInside(entry):
            return finding(
                .error, name, "is a link that leads out of the pack", "make it lead to a file of the pack, or remove it"
            )
        case .regular where entry.mode & 0o6000 != 0:
            return finding(.warning, name, "has a set-id bit, which a pack does not keep", "chmod u-s,g-s \(name)")
        default: return nil
        }
    }

    private func finding(
        _ severity: PackFinding.Severity, _ name: String, _ problem: String, _ remedy: String
    ) -> PackFinding {
        PackFinding(
            severity, DocumentProblem(file: name, line: 0, column: 0, field: "", problem: problem, remedy: remedy))
    }

    /// By its text alone: whether the link, followed from where it lies, stays below the pack's folder.
    private static func staysInside(_ entry: TreeEntry) -> Bool {
        guard let target = entry.linkTarget, !target.hasPrefix("/") else { return false }
        var depth = entry.path.utf8.count { $0 == UInt8(ascii: "/") }
        for part in target.split(separator: "/") where part != "." {
            depth += part == ".." ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }
}

extension PackFinding {
    /// Errors first, then by place.
    fileprivate var order: (Int, String, Int, Int) {
        (Severity.allCases.firstIndex(of: severity) ?? 0, problem.file, problem.line, problem.column)
    }
}
