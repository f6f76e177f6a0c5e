package import AuroraFields
package import AuroraModel
import AuroraYAML

/// A manifest that was read, with the text it was read from.
package struct ManifestDocument: Sendable {
    package let manifest: PackManifest
    /// The name of the file, as problems show it.
    package let file: String
    package let format: TextFormat
    package let bytes: [UInt8]
    /// Where everything stands.
    let root: YAMLNode

    /// Reads a manifest: at most 1 MiB, 16 levels and 50,000 values, without aliases, anchors and tags.
    ///
    /// - Throws: ``DocumentError`` with every problem found, each with line, column, field and remedy; only the first
    ///   where the text is no YAML or JSON at all.
    package init(_ bytes: [UInt8], file: String, format: TextFormat) throws(DocumentError) {
        let root = try format.parse(bytes, file: file, limits: Self.limits)
        let report = FieldReport(file: file, isStrict: true)
        let fields = ManifestFields.read(FieldReader(root, path: "", report: report))
        try report.finish()
        guard let manifest = fields.pack.manifest else {
            throw DocumentError(problems: [
                DocumentProblem(
                    file: file, line: 1, column: 1, field: "pack", problem: "is not complete",
                    remedy: "compare it with docs/formats/manifest.md")
            ])
        }
        self.manifest = manifest
        self.file = file
        self.format = format
        self.bytes = bytes
        self.root = root
    }

    private static let limits = YAMLParser.Limits(byteCount: 1 << 20, depth: 16, nodeCount: 50_000)

    /// Where the value at a path such as `pack.artifacts[0].sha256` stands.
    func position(of path: String) -> YAMLPosition { root.deepest(at: path).position }

    /// A problem at the value of a field.
    func problem(_ field: String, _ problem: String, _ remedy: String) -> DocumentProblem {
        let position = position(of: field)
        return DocumentProblem(
            file: file, line: position.line, column: position.column, field: field, problem: problem, remedy: remedy)
    }
}
