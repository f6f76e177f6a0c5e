/// What a child may do below one directory or with one file (`landlock(7)`); everything not named is denied.
package struct LandlockRule: Hashable, Sendable {
    /// Rights as Landlock numbers them; the launcher leaves out what a kernel's ABI does not know.
    package struct Access: OptionSet, Hashable, Sendable {
        /// The bits.
        package let rawValue: UInt64

        /// The rights with these Landlock bits.
        package init(rawValue: UInt64) { self.rawValue = rawValue }

        /// Execute files.
        package static let execute = Access(rawValue: 1 << 0)
        /// Open files for writing.
        package static let writeFile = Access(rawValue: 1 << 1)
        /// Open files for reading.
        package static let readFile = Access(rawValue: 1 << 2)
        /// Open and list directories.
        package static let readDirectory = Access(rawValue: 1 << 3)
        /// Make directories.
        package static let makeDirectory = Access(rawValue: 1 << 7)
        /// Make, rename and link regular files.
        package static let makeFile = Access(rawValue: 1 << 8)
        /// Make symbolic links.
        package static let makeSymlink = Access(rawValue: 1 << 12)
        /// Link and rename between directories (ABI 2).
        package static let refer = Access(rawValue: 1 << 13)

        /// Remove and rename directories and files; make sockets and pipes; shorten files (ABI 3).
        private static let changeTree = Access(rawValue: 1 << 4 | 1 << 5 | 1 << 9 | 1 << 10 | 1 << 14)

        /// Read files and list directories.
        package static let read: Access = [.readFile, .readDirectory]
        /// Make a tree of new files, directories and links; nothing that exists can be removed or read.
        package static let makeTree: Access = [
            .writeFile, .readDirectory, .makeDirectory, .makeFile, .makeSymlink, .refer,
        ]
        /// Read and execute what is there.
        package static let use: Access = [.read, .execute]
        /// Everything with files, folders, links, pipes and sockets but executing them; no device nodes.
        package static let keep: Access = [.makeTree, .read, .changeTree]
        /// Read and write devices that are there, and control them (ABI 5).
        package static let device: Access = [.read, .writeFile, Access(rawValue: 1 << 15)]
    }

    /// Where a rule applies.
    package enum Place: Hashable, Sendable {
        /// A path that must exist.
        case path(String)
        /// A path that is skipped where it does not exist.
        case optionalPath(String)
        /// One of the descriptors passed to the child, by the child's number.
        case descriptor(Int32)
        /// The program that is executed.
        case program
    }

    /// Where.
    package let place: Place
    /// What is allowed there.
    package let access: Access

    /// Makes a rule.
    package init(_ place: Place, _ access: Access) {
        self.place = place
        self.access = access
    }
}
