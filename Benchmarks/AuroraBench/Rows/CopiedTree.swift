import AuroraSystem

/// What people do without Aurora: copy a tree of real files into place.
///
/// 2,000 files of 100 KiB, as many as an installed application of that size has; few large files would copy faster.
struct CopiedTree {
    let name: String
    private let source: String
    private let target: String

    init(_ folder: String, isSmall: Bool) throws {
        let (files, bytes) = isSmall ? (200, 20 << 20) : (2000, 200 << 20)
        name = "\(bytes >> 20) MiB in \(files) files"
        source = "\(folder)/copy-source"
        target = "\(folder)/copy-target"
        try BenchTree.write(source, files: files, bytes: bytes, .noise, version: 1)
        try Tool.shell(#"cp -a "$1" "$2"; sync -f "$2""#, [source, target])
    }

    /// The prototype's way, and of most scripts: save the old tree, remove it, copy the new one; then made durable.
    ///
    /// - Returns: the seconds it took.
    func copyAndReplace() throws -> Double {
        let took = try seconds {
            try Tool.shell(
                #"cp -a "$2" "$2.backup"; rm -rf "$2"; cp -a "$1" "$2"; sync -f "$2""#, [source, target])
        }
        try FileTree.remove("\(target).backup")
        return took
    }

    /// The cheapest copy that never leaves a half tree at the path for long; the removal of the old one not counted.
    ///
    /// - Returns: the seconds it took.
    func copyBeside() throws -> Double {
        let took = try seconds {
            try Tool.shell(
                #"cp -a "$1" "$2.new"; sync -f "$2.new"; mv -T "$2" "$2.old"; mv -T "$2.new" "$2"; sync -f "$2""#,
                [source, target])
        }
        try FileTree.remove("\(target).old")
        return took
    }
}
