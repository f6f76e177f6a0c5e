import CShims
import Glibc

extension FileTree {
    /// Gives a tree to one user and group and sets the modes of its files and folders; durable when it returns.
    ///
    /// The root folder is one of them. Links are never followed. Owners are only changed when this program is root.
    /// - Parameter mode: asked for every file and folder but the root folder, which gets 0700.
    package static func give(
        _ root: String, uid: UInt32, gid: UInt32, mode: (TreeEntry) -> UInt32
    ) throws(SystemError) {
        let directory = try open(root)
        let isRoot = geteuid() == 0
        var folders: [(path: String, mode: UInt32)] = []
        try visit(directory.rawValue) { (entry, location) throws(SystemError) in
            switch entry.kind {
            case .regular:
                let file = try location.openFile()
                if isRoot { try file.setOwner(uid: uid, gid: gid) }
                try file.setMode(mode(entry))
            case .directory: folders.append((entry.path, mode(entry)))
            case .symlink, .other:
                guard isRoot else { return }
                try check("fchownat", entry.path) {
                    fchownat(location.directory, location.name, uid, gid, AT_SYMLINK_NOFOLLOW)
                }
            }
        }
        // From the inside out, since a mode may take away the right to come to what is inside.
        for folder in folders.reversed() {
            let opened = try directory.openBeneath(folder.path, [.readOnly, .directory, .noFollow])
            if isRoot { try opened.setOwner(uid: uid, gid: gid) }
            try opened.setMode(folder.mode)
        }
        if isRoot { try directory.setOwner(uid: uid, gid: gid) }
        try directory.setMode(0o700)
        try directory.synchronizeFileSystem()
    }
}
