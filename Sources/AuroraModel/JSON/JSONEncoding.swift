extension JSONValue {
    /// The OLPC canonical form that TUF signs: sorted keys, no white space, only `"` and `\` escaped.
    ///
    /// Control characters stand raw inside strings, so the result is not always JSON a parser accepts; what Aurora
    /// itself stores and signs uses ``documentBytes`` instead. Source: TUF specification 1.0.34, §4.2.1.
    /// - Throws: ``JSONError/Rule/fraction`` when the value holds a number with a fraction.
    package func canonicalBytes() throws(JSONError) -> [UInt8] {
        guard !holdsFraction else {
            throw JSONError(rule: .fraction, offset: 0, detail: "canonical JSON has no numbers with fractions")
        }
        var writer = JSONWriter(escapesControls: false, sortsKeys: true, indent: nil)
        writer.write(self)
        return writer.bytes
    }

    /// The form of Aurora's own signed and hashed documents: canonical, and always JSON that a strict parser reads.
    ///
    /// As ``canonicalBytes()``, but control characters below U+0020 are written as `\u00xx` in lower-case hexadecimal.
    /// For values without control characters both forms are the same bytes.
    package var documentBytes: [UInt8] {
        var writer = JSONWriter(escapesControls: true, sortsKeys: true, indent: nil)
        writer.write(self)
        return writer.bytes
    }

    /// One line, members in their own order: for answers and log lines.
    package var compactBytes: [UInt8] {
        var writer = JSONWriter(escapesControls: true, sortsKeys: false, indent: nil)
        writer.write(self)
        return writer.bytes
    }

    /// Indented by two blanks, members in their own order, with a newline at the end: for people.
    package var prettyBytes: [UInt8] {
        var writer = JSONWriter(escapesControls: true, sortsKeys: false, indent: 0)
        writer.write(self)
        return writer.bytes + [0x0A]
    }

    private var holdsFraction: Bool {
        switch self {
        case .double: true
        case .array(let values): values.contains(where: \.holdsFraction)
        case .object(let object): object.members.contains { $0.value.holdsFraction }
        default: false
        }
    }
}

extension JSONValue: CustomStringConvertible {
    package var description: String { String(decoding: compactBytes, as: UTF8.self) }
}

private struct JSONWriter {
    let escapesControls: Bool
    let sortsKeys: Bool
    var indent: Int?
    var bytes: [UInt8] = []

    init(escapesControls: Bool, sortsKeys: Bool, indent: Int?) {
        self.escapesControls = escapesControls
        self.sortsKeys = sortsKeys
        self.indent = indent
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .integer(let number): append(String(number))
        case .double(let number): append(number.isFinite ? number.description : "null")
        case .string(let text): write(text)
        case .array(let values):
            list(open: "[", close: "]", isEmpty: values.isEmpty, count: values.count) { writer, index in
                writer.write(values[index])
            }
        case .object(let object):
            let members = sortsKeys ? object.sortedMembers : object.members
            list(open: "{", close: "}", isEmpty: members.isEmpty, count: members.count) { writer, index in
                writer.write(members[index].key)
                writer.append(writer.indent == nil ? ":" : ": ")
                writer.write(members[index].value)
            }
        }
    }

    private mutating func list(
        open: String, close: String, isEmpty: Bool, count: Int, element: (inout JSONWriter, Int) -> Void
    ) {
        append(open)
        if let level = indent, !isEmpty { indent = level + 1 }
        for index in 0..<count {
            if index > 0 { append(",") }
            newLine()
            element(&self, index)
        }
        if let level = indent, !isEmpty {
            indent = level - 1
            newLine()
        }
        append(close)
    }

    private mutating func newLine() {
        guard let indent else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: indent * 2))
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20 where escapesControls:
                let hex = String(byte, radix: 16)
                append("\\u00" + (hex.utf8.count == 1 ? "0" : "") + hex)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
