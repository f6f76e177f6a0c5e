package import AuroraSandbox
import AuroraSystem

/// Finds out the facts of a device from its files.
///
/// Below another root than `/` only files are read, so that a device that is not at hand can be examined from a copy of
/// its `/proc`, `/sys` and `/etc`; what only the running kernel can tell is then nil. Nothing in those files is trusted.
package struct FactsReader: Sendable {
    let files: RootedFiles
    private let state: String
    private let missingLayers: (@Sendable () -> [SandboxRefusal])?

    /// - Parameters:
    ///   - root: `/`, or a folder that holds a copy of a device's files.
    ///   - state: the folder whose file system is examined; its nearest parent that exists is taken.
    ///   - missingLayers: tries what a pack's room lacks on this machine; nil leaves that out.
    package init(
        root: String = "/", state: String = "/var/lib/aurora",
        missingLayers: (@Sendable () -> [SandboxRefusal])? = nil
    ) {
        files = RootedFiles(root: root)
        self.state = state
        self.missingLayers = missingLayers
    }

    /// Whether the machine itself is examined.
    private var isLive: Bool { files.root == "/" }

    /// Reads everything; takes some milliseconds and changes nothing.
    package func read() -> DeviceFacts {
        var facts = DeviceFacts()
        facts.system = system()
        facts.machine = isLive ? KernelProbe.machine : machine()
        facts.cores = cores()
        facts.memoryBytes = memory()
        facts.board = board()
        facts.gpus = gpus()
        facts.container = container()
        facts.interpreters = interpreters()
        facts.kernel = kernel()
        facts.time = time()
        if isLive { probe(&facts) }
        return facts
    }

    private func probe(_ facts: inout DeviceFacts) {
        facts.missingLayers = missingLayers?()
        facts.kernel.landlockVersion = LandlockVersion.supported
        facts.kernel.openat2 = KernelProbe.hasOpenat2
        facts.kernel.pidfd = KernelProbe.hasPidfd
        if let folder = existingFolder() {
            facts.kernel.reflink = KernelProbe.supportsReflink(in: folder)
            facts.kernel.renameExchange = AtomicRename.supportsExchange(in: folder)
            if let size = KernelProbe.fileSystemSize(of: folder), let free = try? DiskSpace.available(at: folder) {
                facts.disk = DeviceFacts.Disk(path: folder, bytes: size, freeBytes: free.bytes)
            }
        }
        if facts.time.isSynchronized == nil { facts.time.isSynchronized = TimeSynchronization.read().isSynchronized }
    }

    private func existingFolder() -> String? {
        var path = state
        while !path.isEmpty {
            if (try? FileStatus.ifExists(path))??.kind == .directory { return path }
            path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        }
        return "/"
    }

    // MARK: Files

    /// The first line of a file, at most 256 characters, without control characters.
    func line(_ path: String) -> String {
        let text = files.text(path, limit: 4096) ?? ""
        return Self.printable(text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
    }

    /// At most 256 characters without control characters: what a file says may reach a terminal.
    static func printable(_ text: String) -> String {
        let kept = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }
        return String(String.UnicodeScalarView(kept.prefix(256)))
    }

    /// The strings of a device tree property, which end with a zero byte each.
    func strings(_ path: String) -> [String] {
        (files.bytes(path, limit: 4096) ?? []).split(separator: 0).prefix(16)
            .map { Self.printable(String(decoding: $0, as: UTF8.self)) }.filter { !$0.isEmpty }
    }

    /// `KEY=value` and `Key: value` lines; the first of a key counts.
    func pairs(_ path: String, separator: Character) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in (files.text(path, limit: 256 << 10) ?? "").split(separator: "\n").prefix(10_000) {
            let halves = line.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2 else { continue }
            let key = String(halves[0]).trimmed
            if pairs[key] == nil { pairs[key] = Self.printable(String(halves[1]).trimmed.unquoted) }
        }
        return pairs
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }

    /// Without one pair of quotes around it.
    var unquoted: String {
        guard count >= 2, let quote = first, quote == "\"" || quote == "'", last == quote else { return self }
        return String(dropFirst().dropLast())
    }
}
