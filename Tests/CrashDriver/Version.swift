import AuroraCrypto
import AuroraSystem

/// The content of a tree as a function of its number, and what a folder must look like to be exactly that.
struct Version: Hashable {
    let number: Int
    /// Versions from here on have 300 files more, to show that a switch does not care.
    static let firstLarge = 1000

    private enum Content {
        case file(String, isExecutable: Bool)
        case link(String)
    }

    private var content: [(path: String, content: Content)] {
        [
            ("VERSION", .file("\(number)\n", isExecutable: false)),
            ("bin/run", .file("#!/bin/sh\necho \(number)\n", isExecutable: true)),
            ("etc/conf", .file(String(repeating: "setting \(number)\n", count: 700), isExecutable: false)),
            ("latest", .link("only-\(number)")),
            ("only-\(number)", .file("only here", isExecutable: false)),
        ] + (number < Self.firstLarge ? [] : (1...300).map { ("etc/\($0)", .file("\($0)", isExecutable: false)) })
    }

    /// The names and texts of all regular files.
    var files: [(path: String, text: String, isExecutable: Bool)] {
        content.compactMap {
            guard case .file(let text, let isExecutable) = $0.content else { return nil }
            return ($0.path, text, isExecutable)
        }
    }

    /// Writes the tree into an existing folder, plainly.
    func write(to folder: String) throws {
        for name in ["bin", "etc"] { try DurableFile.makeDirectory("\(folder)/\(name)") }
        for (path, item) in content {
            switch item {
            case .link(let text): try DurableFile.symlink(text, at: "\(folder)/\(path)")
            case .file(let text, let isExecutable):
                let mode: UInt32 = isExecutable ? 0o755 : 0o644
                let file = try Descriptor.open("\(folder)/\(path)", [.writeOnly, .create, .exclusive], mode: mode)
                try file.setMode(mode)
                try file.write(all: Array(text.utf8))
            }
        }
    }

    /// One line per entry: kind, mode, path, digest or text.
    ///
    /// Version 0 is adopted and keeps the modes it was written with.
    var fingerprint: [String] {
        let isAdopted = number == 0
        var lines = ["bin", "etc"].map { "directory \(isAdopted ? "755" : "555") \($0)" }
        for (path, item) in content {
            switch item {
            case .link(let text): lines.append("symlink 777 \(path) \(text)")
            case .file(let text, let isExecutable):
                let mode = isAdopted ? (isExecutable ? "755" : "644") : (isExecutable ? "555" : "444")
                lines.append("regular \(mode) \(path) \(SHA256.hash(Array(text.utf8)))")
            }
        }
        return lines.sorted()
    }

    /// The same lines for what is on disk below `folder`; a symlink at its end is followed.
    static func fingerprint(of folder: String) throws -> [String] {
        let root = try Descriptor.open(folder + "/.", [.readOnly, .directory])
        var lines: [String] = []
        for entry in try FileTree.walk(root.rawValue) {
            var line = "\(entry.kind.rawValue) \(String(entry.mode, radix: 8)) \(entry.path)"
            if let text = entry.linkTarget { line += " \(text)" }
            if entry.kind == .regular {
                line += " \(SHA256.hash(try DurableFile.read("\(folder)/\(entry.path)")))"
            }
            lines.append(line)
        }
        return lines.sorted()
    }
}
