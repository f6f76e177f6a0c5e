private import CYAML

/// Reads one YAML document into a tree, refusing what could make it mean more than it shows.
///
/// Aliases, anchors and tags are refused, so are duplicate keys, keys that are not scalars, and texts beyond the limits.
/// Threading: a value; every call makes a parser of its own. Source: libyaml 0.2.5, `yaml_parser_parse`.
package struct YAMLParser: Sendable {
    /// How much a text may hold.
    package struct Limits: Hashable, Sendable {
        /// Length of the text in bytes.
        package var byteCount: Int
        /// Nested lists and mappings.
        package var depth: Int
        /// Scalars, lists and mappings together.
        package var nodeCount: Int

        package init(byteCount: Int = 1 << 20, depth: Int = 32, nodeCount: Int = 100_000) {
            self.byteCount = byteCount
            self.depth = depth
            self.nodeCount = nodeCount
        }
    }

    /// Reads `bytes` as exactly one document.
    /// - Throws: ``YAMLError`` with the rule that was broken and its place.
    package static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        let start = YAMLPosition(line: 1, column: 1)
        guard bytes.count <= limits.byteCount else {
            throw YAMLError(
                rule: .tooLarge, position: start,
                message: "the text has \(bytes.count) bytes; at most \(limits.byteCount) are read")
        }
        guard let parser = aurora_yaml_new() else {
            throw YAMLError(rule: .syntax, position: start, message: "no memory for the parser")
        }
        defer { aurora_yaml_free(parser) }
        return try bytes.withUnsafeBufferPointer { buffer throws(YAMLError) in
            yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            var reader = EventReader(parser: parser, limits: limits)
            return try reader.document()
        }
    }

    /// Reads `text` as exactly one document.
    package static func parse(_ text: String, limits: Limits = Limits()) throws(YAMLError) -> YAMLNode {
        try parse(Array(text.utf8), limits: limits)
    }
}

/// Turns libyaml's events into nodes.
///
/// Lives no longer than the parser it was given.
private struct EventReader {
    let parser: UnsafeMutablePointer<yaml_parser_t>
    let limits: YAMLParser.Limits
    var nodes = 0

    init(parser: UnsafeMutablePointer<yaml_parser_t>, limits: YAMLParser.Limits) {
        self.parser = parser
        self.limits = limits
    }

    /// What of an event outlives `yaml_event_delete`.
    struct Event {
        var type: yaml_event_type_t
        var position: YAMLPosition
        var span: Range<Int>
        var text = ""
        var isPlain = false
    }

    mutating func document() throws(YAMLError) -> YAMLNode {
        _ = try next()
        let first = try next()
        guard first.type == YAML_DOCUMENT_START_EVENT else {
            throw YAMLError(rule: .empty, position: first.position, message: "the text holds no document")
        }
        let root = try node(from: try next(), depth: 0)
        _ = try next()
        let end = try next()
        guard end.type == YAML_STREAM_END_EVENT else {
            throw YAMLError(
                rule: .severalDocuments, position: end.position,
                message: "a second document begins here; keep one per file")
        }
        return root
    }

    private mutating func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        let place = YAMLPosition(line: event.start_mark.line + 1, column: event.start_mark.column + 1)
        if event.type == YAML_ALIAS_EVENT || aurora_yaml_has_anchor_or_tag(&event) != 0 {
            throw YAMLError(
                rule: .aliasOrTag, position: place,
                message: "anchors, aliases and tags are not read; write the value out")
        }
        let start = Int(event.start_mark.index)
        let end = max(start, Int(event.end_mark.index))
        var copy = Event(type: event.type, position: place, span: start..<end)
        if event.type == YAML_SCALAR_EVENT {
            let bytes = UnsafeBufferPointer(
                start: aurora_yaml_scalar_bytes(&event), count: aurora_yaml_scalar_length(&event))
            copy.text = String(decoding: bytes, as: UTF8.self)
            copy.isPlain = aurora_yaml_scalar_is_plain(&event) != 0
        }
        return copy
    }

    private mutating func node(from event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
        nodes += 1
        guard nodes <= limits.nodeCount else {
            throw YAMLError(
                rule: .tooManyNodes, position: event.position,
                message: "more than \(limits.nodeCount) values are not read")
        }
        guard depth <= limits.depth else {
            throw YAMLError(
                rule: .tooDeep, position: event.position, message: "nested deeper than \(limits.depth) levels")
        }
        switch event.type {
        case YAML_SEQUENCE_START_EVENT: return YAMLNode(.sequence(try elements(depth: depth)), at: event.position)
        case YAML_MAPPING_START_EVENT: return YAMLNode(.mapping(try entries(depth: depth)), at: event.position)
        default:
            return YAMLNode(.scalar(event.text, isPlain: event.isPlain), at: event.position, span: event.span)
        }
    }

    private mutating func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            if event.type == YAML_SEQUENCE_END_EVENT { return elements }
            elements.append(try node(from: event, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLEntry] {
        var entries: [YAMLEntry] = []
        var seen: Set<[UInt8]> = []  // by bytes: equal-looking keys in other normal forms stay different
        while true {
            let key = try next()
            if key.type == YAML_MAPPING_END_EVENT { return entries }
            guard key.type == YAML_SCALAR_EVENT else {
                throw YAMLError(rule: .complexKey, position: key.position, message: "a key must be a single value")
            }
            guard seen.insert(Array(key.text.utf8)).inserted else {
                throw YAMLError(
                    rule: .duplicateKey, position: key.position,
                    message: "the key \"\(key.text)\" stands twice; remove one")
            }
            let value = try node(from: try next(), depth: depth + 1)
            entries.append(YAMLEntry(key: key.text, position: key.position, value: value))
        }
    }

    /// The parser's own words, read at once: the next call overwrites them.
    private func syntaxError() -> YAMLError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not readable as YAML"
        let mark = parser.pointee.problem_mark
        let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
        return YAMLError(
            rule: .syntax, position: YAMLPosition(line: mark.line + 1, column: mark.column + 1),
            message: problem + context)
    }
}
