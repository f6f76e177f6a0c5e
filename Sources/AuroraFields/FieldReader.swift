import AuroraModel
package import AuroraYAML

/// Reads one mapping field by field and notes every problem instead of stopping at the first.
///
/// A field that nobody asked for is a problem too, so that a misspelt `aprovers` cannot pass for a policy.
/// Threading: none; it lives as long as one reading.
package final class FieldReader {
    package let report: FieldReport
    /// Where the mapping stands in the document, such as `targets[0]`; empty for the document itself.
    package let path: String
    private let node: YAMLNode
    private var asked: [String] = []

    /// - Parameter node: must be a mapping; anything else is noted and read as an empty one.
    package init(_ node: YAMLNode, path: String, report: FieldReport) {
        self.node = node
        self.path = path
        self.report = report
        if node.mapping == nil, report.isStrict || !node.isNull {
            report.add(node.position, path, "must be a mapping, not \(node.kindName)", "write \"key: value\" lines")
        }
    }

    /// Where the mapping stands.
    package var position: YAMLPosition { node.position }

    /// The path of a field, as problems name it.
    package func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The node of a field; nil when it is absent or null, which a strict reading complains about.
    package func field(_ key: String) -> YAMLNode? {
        asked.append(key)
        guard let value = node[key] else { return nil }
        if value.isNull {
            if report.isStrict { complain(key, "has no value", "write a value, or leave the field out") }
            return nil
        }
        return value
    }

    /// Whether the field is named, be it without a value.
    package func isPresent(_ key: String) -> Bool { node[key] != nil }

    /// Where the value of a field stands, or the mapping that lacks it.
    package func position(of key: String) -> YAMLPosition { (node[key] ?? node).position }

    /// Notes a problem about `key`, shown at its value, or at the mapping that lacks it.
    package func complain(_ key: String, _ problem: String, _ remedy: String) {
        report.add(position(of: key), path(of: key), problem, remedy)
    }

    /// Notes every field that was not asked for.
    package func finish() {
        for entry in node.mapping ?? [] where !report.isFull && !asked.contains(entry.key) {
            let meant = Nearest.match(entry.key, in: asked).map { "did you mean \"\($0)\"? else " } ?? ""
            report.add(
                entry.position, path(of: entry.key.printable(limit: 60)), "is not a known field",
                "\(meant)remove it, or use one of \(asked.sorted().joined(separator: ", "))")
        }
    }

    // MARK: Scalars

    /// Whether the field has a value; notes it as missing otherwise.
    package func requires(_ key: String, _ example: String) -> Bool {
        if let value = node[key], !value.isNull { return true }
        asked.append(key)
        complain(key, "is missing", "add for example \"\(key): \(example)\"")
        return false
    }

    /// The text of a field; nil when it is absent, or is not what `rule` allows, which is noted.
    package func string(_ key: String, rule: TextRule = TextRule()) -> String? {
        guard let value = field(key) else { return nil }
        return text(of: value, at: path(of: key), rule: rule)
    }

    /// The text of a value that stands at `path`; nil when it is not what `rule` allows, which is noted.
    package func text(of value: YAMLNode, at path: String, rule: TextRule) -> String? {
        guard let text = value.scalar, rule.allowsEmpty || !text.isEmpty else {
            let found = value.scalar == nil ? value.kindName : "empty"
            report.add(
                value.position, path, "must be text, not \(found)", "write one value after \"\(lastStep(of: path)):\"")
            return nil
        }
        guard text.utf8.count <= rule.maximumBytes else {
            report.add(
                value.position, path, "has \(text.utf8.count) bytes, and at most \(rule.maximumBytes) are read",
                "shorten it")
            return nil
        }
        if report.isStrict, let kind = value.plainKind {
            report.add(
                value.position, path, "is \(kind.rawValue) to a YAML reader, and must be text",
                "write it in quotes: \"\(text.printable(limit: 60))\"")
            return nil
        }
        return text
    }

    private func lastStep(of path: String) -> Substring { path.split(separator: ".").last ?? "" }

    /// Text that `parse` understands.
    package func parsed<T>(
        _ key: String, rule: TextRule = TextRule(), expected: String, _ parse: (String) -> T?
    ) -> T? {
        guard let text = string(key, rule: rule) else { return nil }
        return understood(text, key, expected, parse)
    }

    private func understood<T>(_ text: String, _ key: String, _ expected: String, _ parse: (String) -> T?) -> T? {
        guard let value = parse(text) else {
            complain(key, "\"\(text.printable(limit: 60))\" is not \(expected)", "write \(expected)")
            return nil
        }
        return value
    }

    /// A whole number in `range`.
    package func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = plain(key, expected) else { return nil }
        return understood(text, key, expected) { text in
            Int64(report.isStrict ? text : text.replacing("_", with: "")).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// `true` or `false`.
    package func bool(_ key: String) -> Bool? {
        guard let text = plain(key, "true or false") else { return nil }
        return understood(text, key, "true or false") { $0 == "true" ? true : $0 == "false" ? false : nil }
    }

    /// The text of a number or truth value, which a strict reading takes without quotes alone.
    private func plain(_ key: String, _ expected: String) -> String? {
        guard let value = field(key) else { return nil }
        guard case .scalar(let text, let isPlain) = value.value else {
            complain(key, "must be \(expected), not \(value.kindName)", "write \(expected)")
            return nil
        }
        if report.isStrict, !isPlain {
            complain(key, "is text in quotes, and must be \(expected)", "write \(expected), without quotes")
            return nil
        }
        return text
    }

    // MARK: Lists and mappings

    /// The elements of a list that `parse` understands; each other one is a problem of its own.
    package func list<T>(
        _ key: String, rule: TextRule = TextRule(), maximum: Int = 1000, expected: String, _ parse: (String) -> T?
    ) -> [T]? {
        guard let nodes = elements(key, maximum: maximum, remedy: "write \(key): [first, second]") else { return nil }
        var values: [T] = []
        for (index, element) in nodes.enumerated() {
            let place = "\(path(of: key))[\(index)]"
            guard element.scalar != nil else {
                report.add(element.position, place, "\(element.kindName) is not \(expected)", "write \(expected)")
                continue
            }
            guard let text = self.text(of: element, at: place, rule: rule) else { continue }
            if let value = parse(text) {
                values.append(value)
            } else {
                let found = "\"\(text.printable(limit: 60))\""
                report.add(element.position, place, "\(found) is not \(expected)", "write \(expected)")
            }
        }
        return values
    }

    /// A reader for the mapping in `key`; an empty one when it is absent, so that defaults are filled in one place.
    package func mapping(_ key: String) -> FieldReader {
        let value = field(key) ?? YAMLNode(.mapping([]), at: position(of: key))
        return FieldReader(value, path: path(of: key), report: report)
    }

    /// Readers for the mappings of a list.
    package func mappings(_ key: String, maximum: Int = 10_000) -> [FieldReader] {
        let nodes = elements(key, maximum: maximum, remedy: "start each entry with \"- \"") ?? []
        return nodes.enumerated().map { index, node in
            FieldReader(node, path: "\(path(of: key))[\(index)]", report: report)
        }
    }

    private func elements(_ key: String, maximum: Int, remedy: String) -> [YAMLNode]? {
        guard let value = field(key) else { return nil }
        guard let nodes = value.sequence else {
            complain(key, "must be a list, not \(value.kindName)", remedy)
            return nil
        }
        guard nodes.count <= maximum else {
            complain(key, "has \(nodes.count) entries, and at most \(maximum) are read", "shorten the list")
            return nil
        }
        return nodes
    }

    /// The entries of the mapping in `key` whose names are data (policies by domain).
    package func namedMappings(_ key: String) -> [(name: String, reader: FieldReader)] {
        guard let value = field(key) else { return [] }
        guard let entries = value.mapping else {
            complain(key, "must be a mapping, not \(value.kindName)", "write \"name: {…}\" lines")
            return []
        }
        return entries.map { entry in
            (entry.key, FieldReader(entry.value, path: "\(path(of: key)).\(entry.key)", report: report))
        }
    }
}
