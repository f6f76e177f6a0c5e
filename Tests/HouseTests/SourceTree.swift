import Foundation

/// One Swift file of the package, cut into lines.
struct SourceFile {
    /// Path below the package, such as `Sources/AuroraModel/Digest.swift`.
    let path: String
    /// The target the file belongs to.
    let module: String
    let lines: [String]

    /// The modules this file imports, with the line numbers.
    var imports: [(line: Int, module: String)] {
        lines.enumerated().compactMap { index, line in
            Self.importedModule(in: line).map { (index + 1, $0) }
        }
    }

    /// The module named by an import declaration, whatever attributes and access words stand before it.
    static func importedModule(in line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else { return nil }
        let before = words[..<keyword]
        let modifiers: Set<String> = ["public", "package", "internal", "private", "fileprivate"]
        guard before.allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else { return nil }
        let kinds: Set<String> = ["struct", "class", "enum", "func", "protocol", "var", "let", "typealias", "actor"]
        var name = keyword + 1
        if kinds.contains(words[name]), name + 1 < words.count { name += 1 }
        return words[name].split(separator: ".").first.map(String.init)
    }
}

/// The package as it lies on disk.
enum SourceTree {
    /// The folder of Package.swift.
    static let root: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below `folder`; the target is the folder directly below it.
    static func files(in folder: String) throws -> [SourceFile] {
        let base = root.appending(path: folder, directoryHint: .isDirectory)
        let keys: [URLResourceKey] = [.isRegularFileKey]
        guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: keys) else { return [] }
        var found: [SourceFile] = []
        for case let url as URL in walk where url.pathExtension == "swift" {
            let relative = String(url.path().dropFirst(base.path().count))
            let parts = relative.split(separator: "/")
            guard parts.count > 1, let module = parts.first else { continue }
            let text = try String(contentsOf: url, encoding: .utf8)
            found.append(
                SourceFile(
                    path: "\(folder)/\(relative)", module: String(module),
                    lines: text.components(separatedBy: "\n")))
        }
        return found.sorted { $0.path < $1.path }
    }
}
