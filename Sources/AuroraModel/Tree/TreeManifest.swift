/// One file, directory or link of a tree.
package struct TreeManifestEntry: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case directory
        case file
        case symlink
    }

    /// Relative to the tree's root, components joined by `/`, without `.` and `..`.
    package let path: String
    package let kind: Kind
    /// For files: whether any execute bit is set, the only part of the mode that belongs to a tree.
    package let isExecutable: Bool
    /// Bytes of a file; 0 for everything else.
    package let size: Int64
    /// Of a file's content; nil for everything else.
    package let sha256: Digest?
    /// Of a symbolic link, as written; nil for everything else.
    package let linkTarget: String?

    private init(
        path: String, kind: Kind, isExecutable: Bool = false, size: Int64 = 0, sha256: Digest? = nil,
        linkTarget: String? = nil
    ) {
        self.path = path
        self.kind = kind
        self.isExecutable = isExecutable
        self.size = size
        self.sha256 = sha256
        self.linkTarget = linkTarget
    }

    package static func directory(_ path: String) -> TreeManifestEntry {
        TreeManifestEntry(path: path, kind: .directory)
    }

    package static func file(
        _ path: String, size: Int64, sha256: Digest, isExecutable: Bool = false
    ) -> TreeManifestEntry {
        TreeManifestEntry(path: path, kind: .file, isExecutable: isExecutable, size: size, sha256: sha256)
    }

    package static func symlink(_ path: String, to target: String) -> TreeManifestEntry {
        TreeManifestEntry(path: path, kind: .symlink, linkTarget: target)
    }
}

/// Names, kinds, execute bits and content of a whole tree; its digest names the tree.
///
/// Owners, times and other mode bits are no part of it. The canonical bytes are written down in docs/formats/tree.md.
package struct TreeManifest: Hashable, Sendable {
    /// Sorted by the bytes of their paths, each path once.
    package let entries: [TreeManifestEntry]

    /// Sorts `entries`; of two with the same path the first is kept (a walk of a directory yields none).
    package init(entries: [TreeManifestEntry]) {
        let sorted = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        var unique: [TreeManifestEntry] = []
        unique.reserveCapacity(sorted.count)
        for entry in sorted where unique.last?.path.hasSameCodePoints(as: entry.path) != true { unique.append(entry) }
        self.entries = unique
    }

    /// The SHA-256 of ``canonicalBytes``.
    package var digest: Digest { Digest(hashing: canonicalBytes) }

    /// Bytes of all files together.
    package var byteCount: Int64 { entries.reduce(0) { $0 + $1.size } }

    /// Header and one NUL-terminated record per entry, in order of path bytes.
    package var canonicalBytes: [UInt8] {
        var bytes = Array("aurora-tree-v1\0".utf8)
        bytes.reserveCapacity(entries.count * 128)
        for entry in entries { entry.append(to: &bytes) }
        return bytes
    }
}

extension TreeManifestEntry {
    /// Appends this entry's record: `d PATH`, `f|x SIZE HEX PATH` or `l PATH NUL TARGET`, each ended by NUL.
    func append(to bytes: inout [UInt8]) {
        switch kind {
        case .directory:
            bytes.append(contentsOf: "d \(path)\0".utf8)
        case .file:
            let hex = sha256?.hex ?? ""
            bytes.append(contentsOf: "\(isExecutable ? "x" : "f") \(size) \(hex) \(path)\0".utf8)
        case .symlink:
            bytes.append(contentsOf: "l \(path)\0\(linkTarget ?? "")\0".utf8)
        }
    }
}

/// Why bytes are no tree manifest; `record` counts from 1, 0 is the header.
package struct TreeManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    package let record: Int
    package let problem: String
    package var description: String { "tree manifest, record \(record): \(problem)" }
}

extension TreeManifest {
    /// Reads what ``canonicalBytes`` wrote, and nothing else: order, uniqueness and paths are checked.
    package init(canonicalBytes bytes: [UInt8]) throws(TreeManifestError) {
        guard bytes.last == 0 else { throw TreeManifestError(record: 0, problem: "does not end with NUL") }
        let fields = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
        guard fields[0].elementsEqual("aurora-tree-v1".utf8) else {
            throw TreeManifestError(record: 0, problem: "does not start with aurora-tree-v1")
        }
        var entries: [TreeManifestEntry] = []
        var index = 1
        while index < fields.count {
            let record = entries.count + 1
            guard let text = String(validating: fields[index], as: UTF8.self) else {
                throw TreeManifestError(record: record, problem: "is not UTF-8")
            }
            index += 1
            var linkTarget: String?
            if text.hasPrefix("l ") {
                guard index < fields.count, let target = String(validating: fields[index], as: UTF8.self) else {
                    throw TreeManifestError(record: record, problem: "has no link target in UTF-8")
                }
                linkTarget = target
                index += 1
            }
            let entry = try TreeManifestEntry(record: text, linkTarget: linkTarget, number: record)
            if let last = entries.last, !last.path.utf8.lexicographicallyPrecedes(entry.path.utf8) {
                throw TreeManifestError(record: record, problem: "is out of order or repeated")
            }
            entries.append(entry)
        }
        self.entries = entries
    }
}

extension TreeManifestEntry {
    fileprivate init(record text: String, linkTarget: String?, number: Int) throws(TreeManifestError) {
        let isFile = text.hasPrefix("f ") || text.hasPrefix("x ")
        let parts = text.split(separator: " ", maxSplits: isFile ? 3 : 1, omittingEmptySubsequences: false)
        let path = String(parts[parts.count - 1])
        guard parts.count == (isFile ? 4 : 2), TreeManifestEntry.isAcceptable(path: path) else {
            throw TreeManifestError(record: number, problem: "is malformed or has an unsafe path")
        }
        switch parts[0] {
        case "d": self = .directory(path)
        case "l": self = .symlink(path, to: linkTarget ?? "")
        case "f", "x":
            guard let size = Int64(parts[1]), size >= 0, String(size) == parts[1],
                let digest = Digest(hex: String(parts[2])), digest.hex == parts[2]
            else { throw TreeManifestError(record: number, problem: "has a bad size or digest") }
            self = .file(path, size: size, sha256: digest, isExecutable: parts[0] == "x")
        default: throw TreeManifestError(record: number, problem: "is of an unknown kind")
        }
    }

    private static func isAcceptable(path: String) -> Bool {
        !path.isEmpty
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".."
            }
    }
}
