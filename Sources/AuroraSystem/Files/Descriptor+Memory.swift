import CShims

extension Descriptor {
    /// A file in memory without a name, holding `bytes`, its offset at the beginning.
    ///
    /// Close-on-exec, gone with its last descriptor, never on a disk. Source: memfd_create(2).
    package static func inMemory(_ bytes: [UInt8]) throws(SystemError) -> Descriptor {
        let file = Descriptor(adopting: try check("memfd_create") { aurora_memfd_create("aurora") })
        try file.write(all: bytes)
        try file.seek(to: 0)
        return file
    }
}
