import Glibc

/// Visits everything below a folder that somebody else may be changing meanwhile: no link is followed, and what is gone again is
/// passed over.
package enum FolderWalk {
    /// What opening a folder ends with when something else has its name by now, or nothing.
    package static let vanished: Set<Int32> = [ENOENT, ENOTDIR, ELOOP]

    /// One name that was found.
    package struct Entry {
        /// The names of the folders it is in, below the one that is walked.
        package let folders: [FileName]
        package let name: FileName
        package let status: FileStatus
        /// The open folder it is in; valid only inside the visit.
        package let folder: Int32

        /// The path below the folder that is walked.
        package var path: [UInt8] { Array((folders + [name]).map(\.bytes).joined(separator: [UInt8(ascii: "/")])) }
    }

    /// - Parameters:
    ///   - folder: an open directory; its offset is not moved.
    ///   - most: names that are read at most, in all folders together; one more is `EDQUOT`. It bounds the memory that whoever
    ///     made them can cost.
    ///   - passingOver: errors that leave a folder out; any other ends the walk. `ENAMETOOLONG` is that of a folder that lies
    ///     deeper than ``FileTree/depthLimit``.
    ///   - body: is given a name, its status and the open folder it is in; says whether to go into a folder.
    package static func visit(
        _ folder: Int32, most: Int = .max, passingOver: Set<Int32> = vanished,
        _ body: (FileName, FileStatus, Int32) throws(SystemError) -> Bool
    ) throws(SystemError) {
        try entries(below: folder, most: most, passingOver: passingOver) { (entry) throws(SystemError) in
            try body(entry.name, entry.status, entry.folder)
        }
    }

    /// The same for whoever must know where a name lies.
    package static func entries(
        below folder: Int32, most: Int = .max, passingOver: Set<Int32> = vanished,
        _ body: (Entry) throws(SystemError) -> Bool
    ) throws(SystemError) {
        var walk = Walk(left: most, passingOver: passingOver)
        try walk.visit(
            try Descriptor.open(".", in: folder, [.readOnly, .directory]), [], body)
    }

    /// What to do after an entry of ``first(below:_:)``.
    package enum Step<Found> {
        /// Goes on, into a folder as well.
        case goOn
        /// Goes on, but not into this folder.
        case passOver
        /// Ends the walk.
        case found(Found)
    }

    /// The first thing that is found about an entry; nil when nothing is.
    package static func first<Found>(
        below folder: Int32, _ judge: (Entry) throws(SystemError) -> Step<Found>
    ) throws(SystemError) -> Found? {
        var first: Found?
        do throws(SystemError) {
            try entries(below: folder) { (entry) throws(SystemError) in
                switch try judge(entry) {
                case .goOn: return true
                case .passOver: return false
                case .found(let found):
                    first = found
                    throw SystemError(operation: "walk", errno: ECANCELED)
                }
            }
        } catch {
            guard first != nil else { throw error }
        }
        return first
    }

    private struct Walk {
        /// Names that may still be read.
        var left: Int
        let passingOver: Set<Int32>

        mutating func visit(
            _ folder: consuming Descriptor, _ folders: [FileName], _ body: (Entry) throws(SystemError) -> Bool
        ) throws(SystemError) {
            let names = try DirectoryNames.read(folder.rawValue, most: left)
            left -= names.count
            for name in names {
                guard let status = try name.statusIfExists(in: folder.rawValue) else { continue }
                let entry = Entry(folders: folders, name: name, status: status, folder: folder.rawValue)
                guard try body(entry), status.kind == .directory,
                    let inner = try open(name, in: folder.rawValue, depth: folders.count + 1)
                else { continue }
                try visit(inner, folders + [name], body)
            }
        }

        /// The folder of that name; nil when it is passed over.
        private func open(_ name: FileName, in folder: Int32, depth: Int) throws(SystemError) -> Descriptor? {
            do throws(SystemError) {
                guard depth <= FileTree.depthLimit else { throw SystemError(operation: "walk", errno: ENAMETOOLONG) }
                return try name.openFolder(in: folder)
            } catch  where passingOver.contains(error.errno) {
                return nil
            }
        }
    }
}
