import AuroraSystem
import Glibc

/// A new file under a reserved name, until it gets its own.
///
/// Its writer holds a lock on it (`flock(2)`); one whose lock can be had is left over from a process that has died.
struct UnfinishedFile: ~Copyable {
    let name: String
    let file: Descriptor

    /// Makes an empty one.
    init(in folder: borrowing Descriptor) throws(SystemError) {
        while true {
            let name = FileVolumeRules.reservedPrefix + SecureRandom.bytes(8).map { String($0, radix: 16) }.joined()
            let file = try folder.open(name, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o644)
            // Whoever opens the volume between these two steps takes it for a leftover, and removes it.
            let isLocked = flock(file.rawValue, LOCK_EX | LOCK_NB) == 0
            guard isLocked || errno == EWOULDBLOCK else {
                let code = errno
                try? folder.removeEntry(name, isFolder: false)
                throw SystemError(operation: "flock", errno: code)
            }
            if isLocked, try file.stat().links > 0 {
                self.name = name
                self.file = file
                return
            }
        }
    }

    /// Removes what has a reserved name, unless it is being written.
    static func removeLeftover(_ name: FileName, _ status: FileStatus, in folder: Int32) throws(SystemError) {
        do throws(SystemError) {
            guard status.kind == .regular else { return try FileTree.remove(name, in: folder) }
            let file = try name.open(in: folder, [.readOnly, .nonBlocking])
            // The lock is held until the name is gone: a writer that has made the file only just sees that.
            guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else { return }
            try FileTree.remove(name, in: folder)
        } catch  where error.errno == ENOENT {
            // It has its own name by now.
            return
        }
    }
}
