import AuroraModel

/// Small helpers that turn values of the API into words.
extension JSONValue {
    /// The member as text, whatever it is; empty when it is missing or null.
    func text(_ key: String) -> String {
        switch self[key] {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let flag): flag ? "yes" : "no"
        case .array(let values): values.compactMap(\.string).joined(separator: ", ")
        default: ""
        }
    }

    /// The first twelve digits of a digest.
    func digest(_ key: String) -> String { String(text(key).prefix(12)) }

    /// A moment without its milliseconds.
    func moment(_ key: String) -> String {
        let text = text(key)
        guard let dot = text.lastIndex(of: "."), text.hasSuffix("Z") else { return text }
        return text[..<dot] + "Z"
    }

    /// The elements of a list member.
    func list(_ key: String) -> [JSONValue] { self[key]?.array ?? [] }

    /// The name and version of a release, or the beginning of its digest.
    var releaseTitle: String {
        let name = text("name")
        let version = text("version")
        if !name.isEmpty { return version.isEmpty ? name : "\(name) \(version)" }
        let file = text("filename")
        return file.isEmpty ? digest("sha256") : file
    }
}

/// Lines of `name   value`, for the show commands.
struct Facts {
    private var lines: [(String, String)] = []

    /// Adds a line unless the value is empty.
    mutating func add(_ name: String, _ value: String) {
        if !value.isEmpty { lines.append((name, value.onOneLine)) }
    }

    /// The lines with the values lined up.
    var text: String {
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, value in
            name + String(repeating: " ", count: width - name.count) + "  " + value + "\n"
        }.joined()
    }
}
