import CShims
import Glibc

/// Work on names below an open folder; whatever others change meanwhile, the kernel does not leave the folder.
extension Descriptor {
    /// Opens a path below this folder (`openat2(2)` with `RESOLVE_BENEATH` and `RESOLVE_NO_MAGICLINKS`).
    ///
    /// Links are followed as long as they stay below.
    /// - Throws: `EXDEV` when the path or a link in it leads outside, `ELOOP` for a magic link; `ENOSYS` before Linux 5.6.
    package borrowing func openBeneath(
        _ path: String, _ flags: OpenFlags, mode: UInt32 = 0o600
    ) throws(SystemError) -> Descriptor {
        // EAGAIN: the kernel could not be sure because of a rename at that moment; openat2(2) says to try again.
        for _ in 0..<1_000 {
            do throws(SystemError) {
                let number = try check("openat2") { aurora_open_beneath(rawValue, path, flags.rawValue, mode) }
                return Descriptor(adopting: number)
            } catch  where error.errno == EAGAIN {
                continue
            }
        }
        throw SystemError(operation: "openat2", errno: EAGAIN)
    }

    /// Makes a folder (`mkdirat(2)`); `name` is one component.
    package borrowing func makeFolder(_ name: String, mode: UInt32) throws(SystemError) {
        try check("mkdirat") { mkdirat(rawValue, name, mode) }
    }

    /// Removes a file, a link or an empty folder (`unlinkat(2)`); `name` is one component.
    package borrowing func removeEntry(_ name: String, isFolder: Bool) throws(SystemError) {
        try check("unlinkat") { unlinkat(rawValue, name, isFolder ? AT_REMOVEDIR : 0) }
    }

    /// Renames (`renameat2(2)`); both names are one component, links are renamed themselves.
    package borrowing func renameEntry(
        _ name: String, to folder: borrowing Descriptor, _ newName: String, replacing: Bool
    ) throws(SystemError) {
        let (target, flags) = (folder.rawValue, replacing ? 0 : AURORA_RENAME_NOREPLACE)
        try check("renameat2") { aurora_renameat2(rawValue, name, target, newName, flags) }
    }

    /// Type, size and owner of one name, not following a link.
    package borrowing func status(of name: String) throws(SystemError) -> FileStatus {
        try FileStatus.of(name, in: rawValue)
    }
}
