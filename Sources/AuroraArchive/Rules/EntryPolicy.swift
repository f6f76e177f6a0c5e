/// What the archive rules allow to exist, decided entry by entry from the names and numbers alone.
///
/// Keeps two 16-byte keys per path, nothing else, so memory is bounded by ``ArchiveLimits/entries`` times depth.
struct EntryPolicy {
    private enum Known {
        case impliedDirectory
        case directory
        case file
        case symlink
    }

    private let limits: ArchiveLimits
    private var known: [PathKey: Known] = [:]
    private var folded: [PathKey: PathKey] = [:]
    private var hasRoot = false
    private(set) var entries = 0
    private(set) var bytes: UInt64 = 0

    init(limits: ArchiveLimits) { self.limits = limits }

    /// Charges the bytes of a metadata record to the budget of unpacked bytes.
    mutating func charge(metadata count: Int) throws(ArchiveRefusal) {
        try charge(UInt64(count), of: [])
    }

    /// Judges one entry against everything seen before it.
    mutating func admit(_ raw: RawEntry) throws(ArchiveRefusal) -> AdmittedEntry {
        entries += 1
        guard entries <= limits.entries else {
            throw refusal(.tooManyEntries, raw, "more than \(limits.entries) entries")
        }
        let path = try NameRules.components(of: raw.name, limits: limits)
        try checkMode(raw)
        try charge(raw.size, of: raw.name)
        let content = try content(of: raw, path: path)
        if path.isEmpty {
            try admitRoot(raw)
        } else {
            try place(raw, at: path)
        }
        return AdmittedEntry(raw: raw, path: path, content: content)
    }

    private func checkMode(_ raw: RawEntry) throws(ArchiveRefusal) {
        guard raw.mode & 0o7000 == 0 || raw.kind == .symlink else {
            throw refusal(.specialMode, raw, "mode \(String(raw.mode & 0o7777, radix: 8)) has a set-id or sticky bit")
        }
        if raw.kind != .directory, raw.name.last == UInt8(ascii: "/") {
            throw refusal(.nameSyntax, raw, "the name of a \(raw.kind) ends with a slash")
        }
    }

    private mutating func charge(_ count: UInt64, of name: [UInt8]) throws(ArchiveRefusal) {
        let (sum, overflow) = bytes.addingReportingOverflow(count)
        guard !overflow, sum <= limits.unpackedBytes else {
            throw ArchiveRefusal(
                .tooManyBytes, entry: EntryLabel.text(name), "more than \(limits.unpackedBytes) unpacked bytes")
        }
        bytes = sum
    }

    private func content(of raw: RawEntry, path: [String]) throws(ArchiveRefusal) -> AdmittedEntry.Content {
        switch raw.kind {
        case .file:
            return .file(size: raw.size, executable: raw.mode & 0o111 != 0)
        case .directory:
            return .directory
        case .symlink:
            try NameRules.checkSymlink(raw.linkName, from: path.count - 1, of: raw.name)
            return .symlink(target: String(decoding: raw.linkName, as: UTF8.self))
        case .hardLink:
            return .hardLink(target: try hardLinkTarget(of: raw))
        }
    }

    private func hardLinkTarget(of raw: RawEntry) throws(ArchiveRefusal) -> [String] {
        let target: [String]
        do {
            target = try NameRules.components(of: raw.linkName, limits: limits)
        } catch {
            throw refusal(.hardLinkTarget, raw, "its target is refused: \(error.detail)")
        }
        guard let key = PathKey.exact(target).last, known[key] == .file else {
            let text = EntryLabel.text(raw.linkName)
            throw refusal(.hardLinkTarget, raw, "\(text) is not an earlier regular file of this archive")
        }
        return target
    }

    private mutating func admitRoot(_ raw: RawEntry) throws(ArchiveRefusal) {
        guard raw.kind == .directory else {
            throw refusal(.emptyName, raw, "a \(raw.kind) needs a name, only a directory may be the tree itself")
        }
        guard !hasRoot else { throw refusal(.duplicateName, raw, "the tree's own directory occurs twice") }
        hasRoot = true
        // The root alone is no content.
        entries -= 1
    }

    private mutating func place(_ raw: RawEntry, at path: [String]) throws(ArchiveRefusal) {
        let keys = PathKey.exact(path)
        for (key, foldedKey) in zip(keys, PathKey.folded(path)) {
            if let other = folded.updateValue(key, forKey: foldedKey), other != key {
                throw refusal(.equalName, raw, "an earlier name differs from it only in case or normalisation")
            }
        }
        for key in keys.dropLast() {
            switch known[key] {
            case .directory, .impliedDirectory: continue
            case .symlink: throw refusal(.throughLink, raw, "it lies below a symbolic link")
            case .file: throw refusal(.parentNotDirectory, raw, "it lies below a file")
            case nil: known[key] = .impliedDirectory
            }
        }
        guard let own = keys.last else { return }
        switch (known[own], raw.kind) {
        case (nil, _), (.impliedDirectory, .directory): known[own] = kept(raw.kind)
        default: throw refusal(.duplicateName, raw, "the name occurs twice")
        }
    }

    private func kept(_ kind: RawEntry.Kind) -> Known {
        switch kind {
        case .file, .hardLink: .file
        case .directory: .directory
        case .symlink: .symlink
        }
    }

    private func refusal(_ rule: ArchiveRule, _ raw: RawEntry, _ detail: String) -> ArchiveRefusal {
        ArchiveRefusal(rule, entry: EntryLabel.text(raw.name), detail)
    }
}
