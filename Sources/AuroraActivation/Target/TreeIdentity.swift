import AuroraModel
import AuroraSystem

/// Which directory on a file system: inode and birth time, so that a reused inode number is not mistaken.
///
/// The device number is left out on purpose: it may change from one start of the machine to the next.
struct TreeIdentity: Hashable, Sendable {
    let inode: UInt64
    /// Nanoseconds since 1970, or 0 where the file system keeps no birth time.
    let born: Int64

    init(inode: UInt64, born: Int64) {
        self.inode = inode
        self.born = born
    }

    /// The identity of the directory at `path`; nil when there is no directory (a symlink is none).
    init?(ofDirectory path: String) throws(SystemError) {
        guard let status = try FileStatus.ifExists(path), status.kind == .directory else { return nil }
        inode = status.inode
        born = FileStatus.birthTime(of: path)
    }

    init?(optional key: String, in reader: inout JSONReader) throws(JSONShapeError) {
        guard var reader = try reader.optionalReader(key) else { return nil }
        guard let inode = UInt64(try reader.string("inode")) else {
            throw reader.error("inode", "is no inode number")
        }
        self.inode = inode
        born = try reader.integer("born")
        try reader.finish()
    }
}

extension JSONValue {
    init(_ identity: TreeIdentity?) {
        self = identity.map { ["inode": .string(String($0.inode)), "born": .integer($0.born)] } ?? .null
    }
}
