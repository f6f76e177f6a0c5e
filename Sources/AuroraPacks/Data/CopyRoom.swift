import AuroraSystem

/// Whether a device's disk has room for a copy of data, with a fifth to spare for what is written meanwhile.
struct CopyRoom {
    /// Bytes that must be free; 0 where a copy shares its content with the original.
    let needed: Int64
    /// Bytes that are free.
    let free: Int64

    /// - Parameter bytes: what is to be copied.
    init(for bytes: Int64, on places: DevicePlaces) throws {
        needed = FileTree.sharesContent(in: "\(places.root)/staging") ? 0 : bytes + bytes / 5
        free = Int64(clamping: try DiskSpace.available(at: places.root).bytes)
    }

    var isEnough: Bool { needed <= free }
}
