/// What changes from one tree to another, each list sorted by path bytes.
package struct TreeDiff: Hashable, Sendable {
    /// The same path in both trees, with a different kind, content, execute bit or link target.
    package struct Changed: Hashable, Sendable {
        package let from: TreeManifestEntry
        package let to: TreeManifestEntry
    }

    package private(set) var added: [TreeManifestEntry] = []
    package private(set) var removed: [TreeManifestEntry] = []
    package private(set) var changed: [Changed] = []

    /// Compares two manifests in one pass over both.
    package init(from old: TreeManifest, to new: TreeManifest) {
        var left = 0
        var right = 0
        while left < old.entries.count || right < new.entries.count {
            guard left < old.entries.count else {
                added.append(contentsOf: new.entries[right...])
                break
            }
            guard right < new.entries.count else {
                removed.append(contentsOf: old.entries[left...])
                break
            }
            let before = old.entries[left]
            let after = new.entries[right]
            if before.path.hasSameCodePoints(as: after.path) {
                if before != after { changed.append(Changed(from: before, to: after)) }
                left += 1
                right += 1
            } else if before.path.utf8.lexicographicallyPrecedes(after.path.utf8) {
                removed.append(before)
                left += 1
            } else {
                added.append(after)
                right += 1
            }
        }
    }

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }

    /// Bytes that come in: added files and the new side of changed ones.
    package var bytesAdded: Int64 { added.reduce(0) { $0 + $1.size } + changed.reduce(0) { $0 + $1.to.size } }

    /// Bytes that go: removed files and the old side of changed ones.
    package var bytesRemoved: Int64 { removed.reduce(0) { $0 + $1.size } + changed.reduce(0) { $0 + $1.from.size } }

    /// The whole difference as bytes, so that a plan can name it by digest (docs/formats/tree.md).
    package var listingBytes: [UInt8] {
        var bytes = Array("aurora-diff-v1\0".utf8)
        for entry in added { TreeDiff.append("+", entry, to: &bytes) }
        for entry in removed { TreeDiff.append("-", entry, to: &bytes) }
        for entry in changed {
            TreeDiff.append("<", entry.from, to: &bytes)
            TreeDiff.append(">", entry.to, to: &bytes)
        }
        return bytes
    }

    private static func append(_ mark: String, _ entry: TreeManifestEntry, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: mark.utf8)
        entry.append(to: &bytes)
    }

    /// The whole difference for people and pages: `{added:[…], removed:[…], changed:[{from, to}]}`.
    package var json: JSONValue {
        [
            "added": .array(added.map(\.json)), "removed": .array(removed.map(\.json)),
            "changed": .array(changed.map { ["from": $0.from.json, "to": $0.to.json] }),
        ]
    }
}

extension TreeManifestEntry {
    package var json: JSONValue {
        var object: JSONObject = ["path": .string(path), "kind": .string(kind.rawValue)]
        if kind == .file {
            object["size"] = .integer(size)
            object["sha256"] = JSONValue(sha256)
            object["executable"] = .bool(isExecutable)
        }
        if let linkTarget { object["linkTarget"] = .string(linkTarget) }
        return .object(object)
    }
}
