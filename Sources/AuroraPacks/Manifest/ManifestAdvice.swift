import AuroraFields
import AuroraModel

/// What a manifest says that is allowed and surely, or perhaps, meant otherwise.
struct ManifestAdvice {
    let document: ManifestDocument

    var findings: [PackFinding] { ranges + variants + data }

    private func finding(
        _ severity: PackFinding.Severity, _ field: String, _ problem: String, _ remedy: String
    ) -> PackFinding {
        PackFinding(severity, document.problem(field, problem, remedy))
    }

    private var ranges: [PackFinding] {
        document.manifest.dependencies.enumerated().compactMap { index, dependency in
            let field = "pack.dependencies[\(index)].version_constraint"
            let range = dependency.range
            if range.acceptsNothing {
                return finding(
                    .warning, field, "\"\(range)\" accepts no version at all", "write the range that was meant")
            }
            guard range.description.contains("^0") || range.description.contains("^ 0") else { return nil }
            return finding(
                .note, field,
                "\"\(range)\" means \(range.meaning): below 1.0.0 a caret goes no further than the minor version, "
                    + "and below 0.1.0 no further than the patch",
                "write both bounds, such as \">=0.2.0 <1.0.0\", where later minor versions are fine")
        }
    }

    private var variants: [PackFinding] {
        let autoscan = document.manifest.autoscan
        var findings: [PackFinding] = []
        if !autoscan.variants.isEmpty, !autoscan.detectsDevice {
            findings.append(
                finding(
                    .warning, "pack.autoscan.variants", "are never taken while auto_detect_device is false",
                    "write auto_detect_device: true, or remove the variants"))
        }
        for (index, variant) in autoscan.variants.enumerated().dropLast() where variant.condition == .init() {
            findings.append(
                finding(
                    .warning, "pack.autoscan.variants[\(index)].when",
                    "fits every device, so the variants behind it are never taken",
                    "move \"\(variant.name)\" to the end, or say which devices it is for"))
        }
        return findings
    }

    private var data: [PackFinding] {
        let manifest = document.manifest
        guard manifest.hooks.migrate != nil else { return [] }
        var findings: [PackFinding] = []
        if manifest.data.schemaVersion == 1 {
            findings.append(
                finding(
                    .warning, "pack.hooks.migrate",
                    "never runs: data.schema_version is 1, and there is nothing before it",
                    "raise data.schema_version, or remove the hook"))
        }
        if manifest.data.snapshot == .never {
            findings.append(
                finding(
                    .warning, "pack.data.snapshot", "is never, so a failed migration cannot be taken back",
                    "write snapshot: on_schema_change"))
        }
        return findings
    }
}

extension VersionRange {
    /// Whether each alternative has the bound that no version is below.
    fileprivate var acceptsNothing: Bool {
        alternatives.allSatisfy { comparators in
            comparators.contains { $0.operation == .less && $0.version.description == "0.0.0-0" }
        }
    }
}
