import CShims
import Glibc

/// Work on whole directory trees, always through directory descriptors: a symlink swapped in is never followed.
package enum FileTree {
    /// Deepest nesting that is walked; deeper trees are refused with `ENAMETOOLONG`.
    package static let depthLimit = 256

    /// Everything below `root` (not `root` itself), sorted by the bytes of the relative path.
    ///
    /// - Throws: `EILSEQ` for a name that is not UTF-8, with its folder.
    package static func walk(_ root: String) throws(SystemError) -> [TreeEntry] {
        let directory = try open(root)
        return try walk(directory.rawValue)
    }

    /// Everything below an open directory, sorted by the bytes of the relative path.
    package static func walk(_ root: Int32) throws(SystemError) -> [TreeEntry] {
        var entries: [TreeEntry] = []
        try visit(root) { (entry, _) throws(SystemError) in entries.append(entry) }
        return entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Calls `body` for everything below an open directory: a folder before its content, names in byte order.
    ///
    /// Errors other than `SystemError` that a body wants to throw are kept by the caller (stop by throwing `ECANCELED`).
    package static func visit(
        _ root: Int32, _ body: (TreeEntry, TreeLocation) throws(SystemError) -> Void
    ) throws(SystemError) {
        try visit(root, leavingOut: { _ in false }, body)
    }

    /// The same without what is left out.
    ///
    /// - Parameter isLeftOut: asked for every relative path; a folder left out is not looked into.
    package static func visit(
        _ root: Int32, leavingOut isLeftOut: (String) -> Bool,
        _ body: (TreeEntry, TreeLocation) throws(SystemError) -> Void
    ) throws(SystemError) {
        try visit(root, prefix: "", depth: 0, isLeftOut, body)
    }

    /// Opens a directory for tree work; a symlink in its place is refused.
    package static func open(_ path: String) throws(SystemError) -> Descriptor {
        try Descriptor.open(path, [.readOnly, .directory, .noFollow])
    }

    private static func visit(
        _ directory: Int32, prefix: String, depth: Int, _ isLeftOut: (String) -> Bool,
        _ body: (TreeEntry, TreeLocation) throws(SystemError) -> Void
    ) throws(SystemError) {
        if depth > depthLimit {
            throw SystemError(
                operation: "walk", path: FileName.escaped(Array(prefix.utf8.dropLast())), errno: ENAMETOOLONG)
        }
        for fileName in try DirectoryNames.read(directory) {
            guard let name = fileName.text else {
                throw SystemError(
                    operation: "walk", path: FileName.escaped(prefix.utf8 + fileName.bytes), errno: EILSEQ)
            }
            if isLeftOut(prefix + name) { continue }
            let entry = try describe(name, in: directory, path: prefix + name)
            try body(entry, TreeLocation(directory: directory, name: name))
            if entry.kind == .directory {
                let child = try Descriptor.open(name, in: directory, [.readOnly, .directory, .noFollow])
                try visit(child.rawValue, prefix: entry.path + "/", depth: depth + 1, isLeftOut, body)
            }
        }
    }

    private static func describe(
        _ name: String, in directory: Int32, path: String
    ) throws(SystemError) -> TreeEntry {
        let status = try FileStatus.of(name, in: directory)
        let target = status.kind == .symlink ? try readLink(name, in: directory, at: path) : nil
        return TreeEntry(
            path: path, kind: status.kind, mode: status.mode, size: status.kind == .regular ? status.size : 0,
            linkTarget: target, links: status.links)
    }

    private static func readLink(_ name: String, in directory: Int32, at path: String) throws(SystemError) -> String {
        do throws(SystemError) {
            return try readLink(name, in: directory)
        } catch  where error.errno == EILSEQ {
            throw SystemError(
                operation: error.operation, path: FileName.escaped(Array(path.utf8)), errno: error.errno)
        }
    }

    /// The text of the symlink `name` in an open directory.
    ///
    /// - Throws: `EINVAL` when it is no symlink, `EILSEQ` when the text is not UTF-8.
    package static func readLink(_ name: String, in directory: Int32 = AT_FDCWD) throws(SystemError) -> String {
        let text = try FileName(bytes: Array(name.utf8)).linkText(in: directory)
        guard let text = String(validating: text, as: UTF8.self) else {
            throw SystemError(operation: "readlinkat", path: name, errno: EILSEQ)
        }
        return text
    }
}
