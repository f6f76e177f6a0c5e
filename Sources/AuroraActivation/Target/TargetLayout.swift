import AuroraModel
import AuroraSystem

/// Where everything of one target lies: the path itself, and its state folder beside it.
struct TargetLayout: Hashable, Sendable {
    /// The target's own path: absolute, normalized.
    let path: String
    /// The folder of the path.
    let parent: String
    /// The last component of the path.
    let name: String
    /// The state folder as seen from `parent`; empty when it is `parent` itself, as on a device.
    private let rootName: String

    /// The state folder: `<parent>/.<name>.aurora`, or on a device the folder of the path.
    var root: String { isDevice ? parent : "\(parent == "/" ? "" : parent)/\(rootName)" }
    /// Whether the path is the link `current` in its own state folder, which nobody else puts anything at.
    var isDevice: Bool { rootName.isEmpty }
    /// Immutable trees, named by the digest of their manifest.
    var store: String { "\(root)/store" }
    var generations: String { "\(root)/gen" }
    var journalFolder: String { "\(root)/journal" }
    var journal: String { "\(root)/journal/log" }
    /// Private work space, emptied at recovery.
    var staging: String { "\(root)/staging" }
    var lock: String { "\(root)/lock" }
    /// During a switch of a link the new one, afterwards the one it replaced.
    var next: String { "\(root)/next" }

    func generation(_ number: Int) -> String { "\(generations)/\(number)" }
    func tree(_ number: Int) -> String { "\(generations)/\(number)/\(Generation.treeName)" }
    func stored(_ digest: Digest) -> String { "\(store)/\(digest.hex)" }
    func manifest(_ digest: Digest) -> String { "\(store)/\(digest.hex).manifest" }
    func adoptedManifest(_ number: Int) -> String { "\(generations)/\(number)/manifest" }
    /// What the symlink at the path says for a generation.
    func linkText(_ number: Int) -> String {
        "\(isDevice ? "" : rootName + "/")gen/\(number)/\(Generation.treeName)"
    }

    /// The generation a symlink at the path names; nil when the text is not one of Aurora's.
    func generation(ofLink text: String) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count >= 3, let part = String(parts[parts.count - 2]), let number = Int(part) else { return nil }
        return linkText(number) == text ? number : nil
    }

    /// The layout of a device: everything in `root`, which must exist, and the switched link is `root/current`.
    init(device root: String) throws(ActivationError) { try self.init(path: "\(root)/current", isDevice: true) }

    /// The layout of a target: the state folder lies beside the path.
    ///
    /// Checks that `path` can be a target's path.
    init(path: String) throws(ActivationError) { try self.init(path: path, isDevice: false) }

    private init(path: String, isDevice: Bool) throws(ActivationError) {
        func refuse(_ message: String) -> ActivationError {
            ActivationError(
                .badPath, target: path, message,
                remedy: "give an absolute path without . or .. and without a slash at the end, below an existing folder"
            )
        }
        guard path.utf8.first == UInt8(ascii: "/") else { throw refuse("the path is not absolute") }
        let parts = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let last = parts.last, !parts.contains(where: \.isEmpty) else {
            throw refuse("the path has an empty component")
        }
        guard !parts.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else {
            throw refuse("the path has a component . or ..")
        }
        guard !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw refuse("the path has a control character")
        }
        guard last.count <= 240, path.utf8.count <= 3800 else { throw refuse("the path is too long") }
        self.path = path
        name = String(decoding: last, as: UTF8.self)
        rootName = isDevice ? "" : ".\(name).aurora"
        let folder = path.utf8.dropLast(last.count + 1)
        parent = folder.isEmpty ? "/" : String(decoding: folder, as: UTF8.self)
    }
}

extension TargetLayout {
    /// Makes the state folder and what is in it, durably, and checks that all of it is on the path's file system.
    func establish(kind: TargetKind) throws {
        guard let parentStatus = try FileStatus.ifExists(parent + "/.") else {
            throw ActivationError(
                .badPath, target: path, "the folder \(parent) does not exist", remedy: "make the folder first")
        }
        // Before anything is made: a mount point must not leave a state folder behind.
        if let status = try FileStatus.ifExists(path), status.kind != .symlink {
            try checkDevice(path, parentStatus.device)
        }
        if !isDevice { try makeFolder(root, mode: 0o755) }
        for (folder, mode) in [(store, 0o755), (generations, 0o755), (journalFolder, 0o700), (staging, 0o700)] {
            try makeFolder(folder, mode: UInt32(mode))
            try checkDevice(folder, parentStatus.device)
        }
        try checkDevice(root, parentStatus.device)
        if kind == .directory && !AtomicRename.supportsExchange(in: staging) {
            throw ActivationError(
                .unsupported, target: path, "this file system cannot exchange two directories (RENAME_EXCHANGE)",
                remedy: "use kind link for this target, or a file system such as ext4 or xfs")
        }
    }

    private func makeFolder(_ folder: String, mode: UInt32) throws {
        if let status = try FileStatus.ifExists(folder) {
            guard status.kind == .directory else {
                throw ActivationError(
                    .badPath, target: path, "\(folder) exists and is no folder", remedy: "move it away")
            }
            if status.mode == mode { return }
        } else {
            try DurableFile.makeDirectory(folder, mode: mode)
        }
        try Descriptor.open(folder, [.readOnly, .directory, .noFollow]).setMode(mode)
    }

    private func checkDevice(_ file: String, _ device: UInt64) throws {
        guard try FileStatus.of(file).device == device else {
            throw ActivationError(
                .otherFileSystem, target: path, "\(file) lies on another file system than \(parent)",
                remedy:
                    "a target, its folder and its state must share one file system; a mount point cannot be a target")
        }
    }
}
