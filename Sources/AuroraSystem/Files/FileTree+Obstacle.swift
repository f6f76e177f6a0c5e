import Glibc

extension FileTree {
    /// The first thing that keeps ``duplicate(from:to:leavingOut:)`` from copying a tree, as it would say it; nil when
    /// nothing does.
    ///
    /// Others may write meanwhile, so it is a look before whoever writes is stopped: `duplicate` judges itself.
    /// - Parameter isLeftOut: as there.
    /// - Returns: `EILSEQ` for a name or the text of a link that is not UTF-8, `ENAMETOOLONG` for what lies deeper than
    ///   ``depthLimit`` or has a path longer than `PATH_MAX`; its path is escaped and below `source`.
    /// - Throws: what keeps it from looking, such as `EACCES`.
    package static func obstacle(
        toDuplicating source: String, leavingOut isLeftOut: (String) -> Bool = { _ in false }
    ) throws(SystemError) -> SystemError? {
        let folder = try open(source)
        return try FolderWalk.first(below: folder.rawValue) { (entry) throws(SystemError) in
            if let path = String(validating: entry.path, as: UTF8.self), isLeftOut(path) { return .passOver }
            return try obstacle(entry).map { .found($0) } ?? .goOn
        }
    }

    private static func obstacle(_ entry: FolderWalk.Entry) throws(SystemError) -> SystemError? {
        func found(_ operation: String, _ errno: Int32) -> SystemError {
            SystemError(operation: operation, path: FileName.escaped(entry.path), errno: errno)
        }
        guard entry.name.text != nil else { return found("walk", EILSEQ) }
        switch entry.status.kind {
        case .directory:
            let isTooDeep = entry.folders.count >= depthLimit || entry.path.count >= Int(PATH_MAX)
            return isTooDeep ? found("walk", ENAMETOOLONG) : nil
        case .symlink:
            do throws(SystemError) {
                let text = try entry.name.linkText(in: entry.folder)
                return String(validating: text, as: UTF8.self) == nil ? found("readlinkat", EILSEQ) : nil
            } catch  where error.errno == ENOENT || error.errno == EINVAL {
                // It is gone again, or something else.
                return nil
            }
        case .regular, .other: return nil
        }
    }
}
