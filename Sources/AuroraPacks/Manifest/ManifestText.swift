import AuroraFields
import AuroraModel

/// What the texts of a manifest may be: for the reader, for its complaints and for the JSON Schema.
enum ManifestText {
    static let id = TextRule(maximumBytes: 64, pattern: "^[a-z0-9][a-z0-9._-]*$")
    static let name = TextRule(maximumBytes: 128)
    static let version = TextRule(
        maximumBytes: 256,
        pattern: "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)"
            + "(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?"
            + "(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$")
    static let range = TextRule(maximumBytes: 1024)
    static let description = TextRule(maximumBytes: 4096, allowsEmpty: true)
    static let path = TextRule(
        maximumBytes: 1024,
        pattern: "^(?!/)(?!.*//)(?!(.*/)?\\.\\.?(/|$))[^\\u0000-\\u001f\\u007f]*[^/\\u0000-\\u001f\\u007f]$")
    static let digest = TextRule(maximumBytes: 64, allowsEmpty: true, pattern: "^([0-9a-fA-F]{64})?$")
    static let variable = TextRule(maximumBytes: 128, pattern: "^[A-Za-z_][A-Za-z0-9_]*$")
    static let trait = TextRule(maximumBytes: 64, pattern: "^([a-z0-9][a-z0-9._-]*\\*?|\\*)$")

    static let codePath = "a relative path in the pack, without . and .., not below logs or data, not the manifest"
    static let aRange = "a range such as \">=1.0.0\", \"^1.2.3\" or \">=1.0.0, <2.0.0\""
    static let aVersion = "a version such as 1.0.0 (semver.org)"

    /// Names that staging puts into every pack as links to its writable folders.
    static let mounts = ["logs", "data"]

    /// A file that belongs to the pack's fixed content.
    static func code(_ text: String) -> PackPath? {
        guard let path = PackPath(text), !mounts.contains(path.firstPart), !ManifestName.all.contains(path.text) else {
            return nil
        }
        return path
    }

    /// Text for people in one line.
    static func line(_ text: String) -> String? { text.unicodeScalars.allSatisfy(\.isHarmlessInLine) ? text : nil }

    /// Text for people that may have several lines.
    static func lines(_ text: String) -> String? {
        text.unicodeScalars.allSatisfy { $0.isHarmlessInLine || $0 == "\n" } ? text : nil
    }

    /// The outer nil is no digest, the inner one an empty text.
    static func digest(_ text: String) -> Digest?? {
        if text.isEmpty { return .some(nil) }
        return Digest(hex: text).map { .some($0) }
    }
}

/// The names under which a manifest is found in a pack's folder.
enum ManifestName: String, CaseIterable {
    case yaml = "manifest.yaml"
    case yml = "manifest.yml"
    case json = "manifest.json"

    static let all = allCases.map(\.rawValue)

    var format: PackManifest.Autoscan.Format { self == .json ? .json : .yaml }
    var textFormat: TextFormat { self == .json ? .json : .yaml }
}
