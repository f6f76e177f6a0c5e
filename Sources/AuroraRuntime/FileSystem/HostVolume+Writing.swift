import AuroraSandbox
import AuroraSystem
import Glibc
import Synchronization

extension HostVolume {
    func write(_ path: [String], _ bytes: [UInt8], _ mode: WriteMode, isDurable: Bool) throws(FileFault) {
        let name = try requireName(path)
        let folder = try FileFault.translating { () throws(SystemError) in try self.folder(of: path) }
        let expected = try books.withLock { (usage) throws(FileFault) in
            let change = try HostVolume.change(in: folder, name, to: Int64(bytes.count), mode)
            try usage.charge(change.bytes, change.files, within: quota)
            return change
        }
        do throws(FileFault) {
            let unfinished = try FileFault.translating { () throws(SystemError) in try UnfinishedFile(in: folder) }
            do throws(FileFault) {
                try FileFault.translating { () throws(SystemError) in
                    try fill(unfinished.file, bytes, isDurable: isDurable)
                }
                try books.withLock { (usage) throws(FileFault) in
                    // Somebody may have changed the name meanwhile: only what is true now is charged.
                    let change = try HostVolume.change(in: folder, name, to: Int64(bytes.count), mode)
                    try usage.charge(change.bytes - expected.bytes, change.files - expected.files, within: quota)
                    do throws(FileFault) {
                        try FileFault.translating { () throws(SystemError) in
                            try folder.renameEntry(unfinished.name, to: folder, name, replacing: mode == .replace)
                        }
                    } catch {
                        usage.bytes -= change.bytes - expected.bytes
                        usage.files -= change.files - expected.files
                        throw error
                    }
                }
            } catch {
                try? folder.removeEntry(unfinished.name, isFolder: false)
                throw error
            }
        } catch {
            books.withLock {
                $0.bytes -= expected.bytes
                $0.files -= expected.files
            }
            throw error
        }
        if isDurable { try sync(path.dropLast()) }
    }

    /// Writes a new file, which stays open.
    private func fill(_ file: borrowing Descriptor, _ bytes: [UInt8], isDurable: Bool) throws(SystemError) {
        if let owner { try file.setOwner(uid: owner.uid, gid: owner.gid) }
        try bytes.withUnsafeBufferPointer { (buffer) throws(SystemError) in
            try file.write(all: UnsafeRawBufferPointer(buffer))
        }
        if isDurable { try file.synchronize() }
        // Closing any descriptor of it tells errors that come late.
        try file.duplicate().close()
    }

    /// What writing a file of `size` bytes over a name changes in the books.
    private static func change(
        in folder: borrowing Descriptor, _ name: String, to size: Int64, _ mode: WriteMode
    ) throws(FileFault) -> FileUsage {
        let number = folder.rawValue
        let old = try FileFault.translating { () throws(SystemError) in
            try FileName(bytes: Array(name.utf8)).statusIfExists(in: number)
        }
        guard let old else { return FileUsage(bytes: size, files: 1) }
        if mode == .createNew { throw .exists }
        if old.kind == .directory { throw .isDirectory }
        return FileUsage(bytes: size - freed(by: old), files: 0)
    }

    func append(_ path: [String], _ bytes: [UInt8], isDurable: Bool) throws(FileFault) {
        let name = try requireName(path)
        let isNew = try books.withLock { (usage) throws(FileFault) in
            do throws(FileFault) {
                let file = try FileFault.translating { () throws(SystemError) in
                    try root.openBeneath(text(path), [.writeOnly, .append, .nonBlocking])
                }
                try extend(file, bytes, &usage, isDurable: isDurable)
                return false
            } catch  where error == .notFound {
                let folder = try FileFault.translating { () throws(SystemError) in try self.folder(of: path) }
                try usage.charge(Int64(bytes.count), 1, within: quota)
                do throws(SystemError) {
                    try create(name, in: folder, bytes, isDurable: isDurable)
                } catch {
                    usage.bytes -= Int64(bytes.count)
                    usage.files -= 1
                    throw FileFault(error)
                }
                return true
            }
        }
        if isNew, isDurable { try sync(path.dropLast()) }
    }

    private func create(
        _ name: String, in folder: borrowing Descriptor, _ bytes: [UInt8], isDurable: Bool
    ) throws(SystemError) {
        let file = try folder.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644)
        do throws(SystemError) {
            try fill(file, bytes, isDurable: isDurable)
        } catch {
            try? folder.removeEntry(name, isFolder: false)
            throw error
        }
    }

    private func extend(
        _ file: borrowing Descriptor, _ bytes: [UInt8], _ usage: inout FileUsage, isDurable: Bool
    ) throws(FileFault) {
        let number = file.rawValue
        let size = try FileFault.translating { () throws(SystemError) in
            let status = try file.stat()
            try HostVolume.requireRegular(status)
            return status.size
        }
        try usage.charge(Int64(bytes.count), 0, within: quota)
        do throws(SystemError) {
            try file.write(all: bytes)
            if isDurable { try file.synchronize() }
        } catch {
            // Half an entry is none.
            if ftruncate(number, off_t(size)) == 0 { usage.bytes -= Int64(bytes.count) }
            throw FileFault(error)
        }
    }
}
