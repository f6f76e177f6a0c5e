import AuroraModel
package import AuroraYAML

/// The two ways a text of fields may be written.
package enum TextFormat: String, Hashable, Sendable {
    case yaml, json

    /// Reads `bytes` into nodes that know where they stand.
    ///
    /// JSON goes through the strict parser of everything that is signed, so it is never read by the looser rules of
    /// YAML; fractions are refused, because no field has any.
    ///
    /// - Throws: ``DocumentError`` with one problem.
    package func parse(
        _ bytes: [UInt8], file: String, limits: YAMLParser.Limits = YAMLParser.Limits()
    ) throws(DocumentError) -> YAMLNode {
        switch self {
        case .yaml:
            do { return try YAMLParser.parse(bytes, limits: limits) } catch {
                throw problem(file, error.position, error.message)
            }
        case .json: return try json(bytes, file, limits)
        }
    }

    private func json(
        _ bytes: [UInt8], _ file: String, _ limits: YAMLParser.Limits
    ) throws(DocumentError) -> YAMLNode {
        let lines = LineIndex(bytes)
        let parsed: (value: JSONValue, places: [Range<Int>])
        do {
            parsed = try JSONParser.parseWithPlaces(bytes, maximumBytes: limits.byteCount, depth: limits.depth)
        } catch { throw problem(file, lines.position(of: error.offset), error.detail) }
        guard parsed.places.count <= limits.nodeCount else {
            throw problem(file, lines.position(of: 0), "more than \(limits.nodeCount) values are not read")
        }
        var nodes = JSONNodes(places: parsed.places, lines: lines)
        return nodes.node(parsed.value)
    }

    private func problem(_ file: String, _ position: YAMLPosition, _ problem: String) -> DocumentError {
        DocumentError(problems: [
            DocumentProblem(
                file: file, line: position.line, column: position.column, field: "",
                problem: problem.printable(limit: 300), remedy: "correct the \(rawValue.uppercased()) at this place")
        ])
    }
}
