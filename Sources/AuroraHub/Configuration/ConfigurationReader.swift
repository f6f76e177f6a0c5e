import AuroraModel
import AuroraYAML

/// Reads one mapping of `aurora.yaml` field by field and notes every problem instead of stopping at the first.
///
/// A field that nobody asked for is a problem too, so that a misspelt `aprovers` cannot pass for a policy.
final class ConfigurationReader {
    /// Collects the problems of a whole file.
    final class Report {
        let file: String
        /// Where relative paths in the file start.
        var folder: String { FilePath.parent(of: file) }
        private(set) var problems: [ConfigurationProblem] = []

        init(file: String) { self.file = file }

        func add(_ position: YAMLPosition, _ field: String, _ problem: String, _ remedy: String) {
            problems.append(
                ConfigurationProblem(
                    file: file, line: position.line, column: position.column, field: field, problem: problem,
                    remedy: remedy))
        }

        func finish() throws(ConfigurationError) {
            guard problems.isEmpty else {
                throw ConfigurationError(problems: problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) })
            }
        }
    }

    let report: Report
    let path: String
    private let node: YAMLNode
    private var asked: [String] = []

    /// - Parameter node: must be a mapping; anything else is noted and read as an empty one.
    init(_ node: YAMLNode, path: String, report: Report) {
        self.node = node
        self.path = path
        self.report = report
        if node.mapping == nil, !node.isNull {
            report.add(node.position, path, "must be a mapping, not \(node.kindName)", "write \"key: value\" lines")
        }
    }

    /// Where the mapping stands.
    var position: YAMLPosition { node.position }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The node of a field; nil when it is absent or null.
    func field(_ key: String) -> YAMLNode? {
        asked.append(key)
        guard let value = node[key], !value.isNull else { return nil }
        return value
    }

    func isPresent(_ key: String) -> Bool { node[key] != nil }

    /// Where a problem about `key` is shown: at its value, or at the mapping that lacks it.
    func complain(_ key: String, _ problem: String, _ remedy: String) {
        report.add((node[key] ?? node).position, path(of: key), problem, remedy)
    }

    /// Notes every field that was not asked for.
    func finish() {
        for entry in node.mapping ?? [] where !asked.contains(entry.key) {
            let known = asked.sorted().joined(separator: ", ")
            report.add(
                entry.position, path(of: entry.key.printable(limit: 60)), "is not a known field",
                "remove it, or use one of \(known)")
        }
    }

    // MARK: Scalars

    func string(_ key: String) -> String? {
        guard let value = field(key) else { return nil }
        guard let text = value.scalar, !text.isEmpty else {
            complain(key, "must be text, not \(value.kindName)", "write one value after \"\(key):\"")
            return nil
        }
        return text
    }

    func required(_ key: String, _ example: String) -> String? {
        if !isPresent(key) || node[key]?.isNull == true {
            asked.append(key)
            complain(key, "is missing", "add for example \"\(key): \(example)\"")
            return nil
        }
        return string(key)
    }

    /// Text that `parse` understands.
    func parsed<T>(_ key: String, expected: String, _ parse: (String) -> T?) -> T? {
        guard let text = string(key) else { return nil }
        guard let value = parse(text) else {
            complain(key, "\"\(text.printable(limit: 60))\" is not \(expected)", "write \(expected)")
            return nil
        }
        return value
    }

    func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        parsed(key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int64(text.replacing("_", with: "")).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func bool(_ key: String) -> Bool? {
        parsed(key, expected: "true or false") { text in text == "true" ? true : text == "false" ? false : nil }
    }

    // MARK: Lists and mappings

    /// The elements of a list that `parse` understands; each other one is a problem of its own.
    func list<T>(_ key: String, expected: String, _ parse: (String) -> T?) -> [T]? {
        guard let value = field(key) else { return nil }
        guard let nodes = value.sequence else {
            complain(key, "must be a list, not \(value.kindName)", "write \(key): [first, second]")
            return nil
        }
        var values: [T] = []
        for (index, element) in nodes.enumerated() {
            if let text = element.scalar, let value = parse(text) {
                values.append(value)
                continue
            }
            let found = element.scalar.map { "\"\($0.printable(limit: 60))\"" } ?? element.kindName
            report.add(
                element.position, "\(path(of: key))[\(index)]", "\(found) is not \(expected)", "write \(expected)")
        }
        return values
    }

    /// A reader for the mapping in `key`; an empty one when it is absent, so that defaults are filled in one place.
    func mapping(_ key: String) -> ConfigurationReader {
        let value = field(key) ?? YAMLNode(.mapping([]), at: (node[key] ?? node).position)
        return ConfigurationReader(value, path: path(of: key), report: report)
    }

    /// Readers for the mappings of a list.
    func mappings(_ key: String) -> [ConfigurationReader] {
        guard let value = field(key) else { return [] }
        guard let nodes = value.sequence else {
            complain(key, "must be a list, not \(value.kindName)", "start each entry with \"- \"")
            return []
        }
        return nodes.enumerated().map { index, node in
            ConfigurationReader(node, path: "\(path(of: key))[\(index)]", report: report)
        }
    }

    /// The entries of the mapping in `key` whose names are data (policies by domain).
    func namedMappings(_ key: String) -> [(name: String, reader: ConfigurationReader)] {
        guard let value = field(key) else { return [] }
        guard let entries = value.mapping else {
            complain(key, "must be a mapping, not \(value.kindName)", "write \"name: {…}\" lines")
            return []
        }
        return entries.map { entry in
            (entry.key, ConfigurationReader(entry.value, path: "\(path(of: key)).\(entry.key)", report: report))
        }
    }
}
