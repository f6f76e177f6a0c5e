import CShims
import Glibc

/// A throw-away copy of a folder that somebody may be writing to meanwhile.
///
/// It is not one moment of the folder: what goes or is replaced while it is made is in it or not. Names are copied by their
/// bytes. What cannot be copied is left out and told. Modes and times of files and folders are kept, owners when this program is root, and content is
/// shared where the file system can. Not durable.
package struct LiveCopy {
    /// Something that is not in the copy although it was there.
    package struct Omission: Hashable, Sendable {
        /// Why it is not in the copy.
        package enum Reason: Hashable, Sendable {
            /// A folder that lies deeper than ``FileTree/depthLimit``.
            case tooDeep
            /// A socket, a pipe or a device.
            case special
            /// The copy would have become larger than it may.
            case tooLarge
            case unreadable(SystemError)
        }
        /// The path below the folder, escaped (``FileName/escaped``).
        package let path: String
        package let reason: Reason

        package init(path: String, reason: Reason) {
            self.path = path
            self.reason = reason
        }
    }

    /// What was left out, at most ``most`` of it.
    package private(set) var omissions: [Omission] = []
    /// How much was left out.
    package private(set) var omissionCount = 0
    /// How many omissions are told one by one.
    package static let most = 20

    /// Copies `source` to the new folder `target`.
    ///
    /// - Parameters:
    ///   - bytes: how much content may be copied; what is shared counts nothing.
    ///   - isLeftOut: asked for every relative path that is UTF-8; of a folder left out nothing is copied.
    /// - Throws: what keeps from writing the copy, such as `EEXIST` when `target` exists, or `ENOSPC`.
    package init(
        of source: String, to target: String, upTo bytes: Int64 = .max,
        leavingOut isLeftOut: (String) -> Bool = { _ in false }
    ) throws(SystemError) {
        let from = try FileTree.open(source)
        try check("mkdir", target) { mkdir(target, 0o700) }
        var destination = try Destination(FileTree.open(target), room: bytes)
        try FolderWalk.entries(
            below: from.rawValue, passingOver: FolderWalk.vanished.union([EACCES, ENAMETOOLONG])
        ) { (entry) throws(SystemError) in
            if let path = String(validating: entry.path, as: UTF8.self), isLeftOut(path) { return false }
            switch try destination.add(entry) {
            case .copied: return true
            case .passedOver: return false
            case .leftOut(let reason):
                omissionCount += 1
                if omissions.count < Self.most {
                    omissions.append(Omission(path: FileName.escaped(entry.path), reason: reason))
                }
                return false
            }
        }
        try destination.finish(like: from)
    }
}

/// The folder that a copy is made in.
private struct Destination: ~Copyable {
    enum Outcome {
        case copied
        /// It is gone again, or something else has its name by now.
        case passedOver
        case leftOut(LiveCopy.Omission.Reason)
    }

    private let root: Descriptor
    /// How many bytes may still be copied.
    private var room: Int64
    /// The folder that was written to last, and its names below the root.
    private var place: Descriptor
    private var names: [FileName] = []
    private var made: [(names: [FileName], status: FileStatus)] = []

    init(_ root: consuming Descriptor, room: Int64) throws(SystemError) {
        place = try root.duplicate()
        self.root = root
        self.room = room
    }

    mutating func add(_ entry: FolderWalk.Entry) throws(SystemError) -> Outcome {
        if entry.folders != names {
            place = try folder(entry.folders)
            names = entry.folders
        }
        // A listing may give a name twice that was replaced meanwhile.
        guard try entry.name.statusIfExists(in: place.rawValue) == nil else { return .passedOver }
        switch entry.status.kind {
        case .directory: return try addFolder(entry)
        case .regular: return try addFile(entry)
        case .symlink: return try addLink(entry)
        case .other: return .leftOut(.special)
        }
    }

    /// Gives the folders their modes, from the inside out, since one may take away the right to write.
    borrowing func finish(like source: borrowing Descriptor) throws(SystemError) {
        for item in made.reversed() { try FileTree.adopt(item.status, try folder(item.names)) }
        try FileTree.adopt(try source.stat(), root)
    }

    /// Opened name by name: a path of many folders is longer than the kernel takes at once.
    private borrowing func folder(_ names: [FileName]) throws(SystemError) -> Descriptor {
        var folder = try root.duplicate()
        for name in names { folder = try name.openFolder(in: folder.rawValue) }
        return folder
    }

    private mutating func addFolder(_ entry: FolderWalk.Entry) throws(SystemError) -> Outcome {
        guard entry.folders.count < FileTree.depthLimit else { return .leftOut(.tooDeep) }
        do throws(SystemError) {
            // Both the right to read it and the right to come to what is in it.
            let opened = try entry.name.openFolder(in: entry.folder)
            _ = try Descriptor.open(".", in: opened.rawValue, [.readOnly, .directory])
        } catch {
            return Self.outcome(of: error)
        }
        let target = place.rawValue
        try check("mkdirat", entry.name.display) { entry.name.withUnsafePointer { mkdirat(target, $0, 0o700) } }
        made.append((entry.folders + [entry.name], entry.status))
        return .copied
    }

    private mutating func addFile(_ entry: FolderWalk.Entry) throws(SystemError) -> Outcome {
        let from: Descriptor
        do throws(SystemError) {
            from = try entry.name.open(in: entry.folder, [.readOnly, .nonBlocking])
        } catch {
            return Self.outcome(of: error)
        }
        let status = try from.stat()
        guard status.kind == .regular else { return status.kind == .directory ? .passedOver : .leftOut(.special) }
        let to = try entry.name.open(in: place.rawValue, [.writeOnly, .create, .exclusive], mode: 0o600)
        if aurora_share_content(to.rawValue, from.rawValue) != 0 {
            guard status.size <= room else { return try discard(entry.name, .tooLarge) }
            room -= status.size
            do throws(SystemError) {
                // Not more than was there: a log may grow as fast as it is copied.
                try FileTree.copyBytes(from, to, most: status.size)
            } catch  where error.errno == EIO {
                return try discard(entry.name, .unreadable(error))
            }
        }
        try FileTree.adopt(status, to)
        return .copied
    }

    private func discard(_ name: FileName, _ reason: LiveCopy.Omission.Reason) throws(SystemError) -> Outcome {
        try FileTree.remove(name, in: place.rawValue)
        return .leftOut(reason)
    }

    private func addLink(_ entry: FolderWalk.Entry) throws(SystemError) -> Outcome {
        let text: FileName
        do throws(SystemError) {
            text = FileName(bytes: try entry.name.linkText(in: entry.folder))
        } catch {
            return error.errno == EINVAL ? .passedOver : Self.outcome(of: error)
        }
        let target = place.rawValue
        try check("symlinkat", entry.name.display) {
            text.withUnsafePointer { text in entry.name.withUnsafePointer { symlinkat(text, target, $0) } }
        }
        if geteuid() == 0 {
            let (uid, gid) = (entry.status.uid, entry.status.gid)
            try check("fchownat", entry.name.display) {
                entry.name.withUnsafePointer { fchownat(target, $0, uid, gid, AT_SYMLINK_NOFOLLOW) }
            }
        }
        return .copied
    }

    private static func outcome(of error: SystemError) -> Outcome {
        FolderWalk.vanished.contains(error.errno) ? .passedOver : .leftOut(.unreadable(error))
    }
}
