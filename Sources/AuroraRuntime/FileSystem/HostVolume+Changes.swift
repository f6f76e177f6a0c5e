import AuroraSandbox
import AuroraSystem
import Glibc
import Synchronization

extension HostVolume {
    func makeDirectory(_ path: [String]) throws(FileFault) {
        let name = try requireName(path)
        try books.withLock { (usage) throws(FileFault) in
            let folder = try FileFault.translating { () throws(SystemError) in try self.folder(of: path) }
            let number = folder.rawValue
            let old = try FileFault.translating { () throws(SystemError) in
                try FileName(bytes: Array(name.utf8)).statusIfExists(in: number)
            }
            if old != nil { throw .exists }
            try usage.charge(0, 1, within: quota)
            do throws(SystemError) {
                try folder.makeFolder(name, mode: 0o755)
                guard let owner else { return }
                try folder.open(name, [.readOnly, .directory, .noFollow]).setOwner(uid: owner.uid, gid: owner.gid)
            } catch {
                try? folder.removeEntry(name, isFolder: true)
                usage.files -= 1
                throw FileFault(error)
            }
        }
    }

    func rename(_ path: [String], to target: [String]) throws(FileFault) {
        let (name, newName) = (try requireName(path), try requireName(target))
        try books.withLock { (usage) throws(FileFault) in
            usage = try FileFault.translating { () throws(SystemError) in
                let from = try folder(of: path)
                let to = try folder(of: target)
                let old = try FileName(bytes: Array(newName.utf8)).statusIfExists(in: to.rawValue)
                let moved = try from.status(of: name)
                try from.renameEntry(name, to: to, newName, replacing: true)
                // Two names of one file: rename(2) does nothing then.
                guard let old, old.inode != moved.inode else { return usage }
                return FileUsage(bytes: usage.bytes - HostVolume.freed(by: old), files: usage.files - 1)
            } or: {
                $0 == EINVAL ? .badPath("a folder cannot move into itself") : nil
            }
        }
    }

    func remove(_ path: [String], isTree: Bool) throws(FileFault) {
        let name = try requireName(path)
        try books.withLock { (usage) throws(FileFault) in
            var freed = FileUsage(bytes: 0, files: 0)
            defer {
                usage.bytes -= freed.bytes
                usage.files -= freed.files
            }
            try FileFault.translating { () throws(SystemError) in
                let folder = try self.folder(of: path)
                let status = try folder.status(of: name)
                if isTree, status.kind == .directory { freed = try HostVolume.empty(name, in: folder) }
                try folder.removeEntry(name, isFolder: status.kind == .directory)
                freed.bytes += HostVolume.freed(by: status)
                freed.files += 1
            }
        }
    }

    /// Removes everything below a folder.
    /// - Returns: What is not there any more, also when something stayed.
    private static func empty(_ name: String, in folder: borrowing Descriptor) throws(SystemError) -> FileUsage {
        let directory = try folder.open(name, [.readOnly, .directory, .noFollow])
        let before = try count(directory.rawValue, leaving: true)
        for inner in try DirectoryNames.read(directory.rawValue) {
            do throws(SystemError) {
                try FileTree.remove(inner, in: directory.rawValue)
            } catch {
                let after = try count(directory.rawValue, leaving: true)
                return FileUsage(bytes: before.bytes - after.bytes, files: before.files - after.files)
            }
        }
        return before
    }

    /// The bytes that go with the last name of a file.
    static func freed(by status: FileStatus) -> Int64 {
        status.kind == .regular && status.links == 1 ? status.size : 0
    }

    /// The last name of a path that may be changed.
    func requireName(_ path: [String]) throws(FileFault) -> String {
        guard isWritable else { throw .readOnly }
        guard let name = path.last else { throw .isMountPoint }
        return name
    }

    /// Makes the names in a folder durable.
    func sync(_ folder: ArraySlice<String>) throws(FileFault) {
        try FileFault.translating { () throws(SystemError) in
            try root.openBeneath(text(folder), [.readOnly, .directory]).synchronize()
        }
    }
}
