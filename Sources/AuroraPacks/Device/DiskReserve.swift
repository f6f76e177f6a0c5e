import AuroraSystem
import Glibc

/// Room on a device's disk that is set aside for the day on which there is no other: what it takes to open the database,
/// to write down what is done, and to let go of what nothing needs.
///
/// A pack can fill the disk, and so can what is no pack's. The reserve is given up as a whole by whoever opens the device
/// then, and taken anew when there is plenty. It helps where it can: no failure of it is anybody's failure.
package struct DiskReserve {
    /// Bytes that are set aside.
    package static let size: Int64 = 4 << 20
    /// Free bytes below which it is given up.
    private static let least: UInt64 = 1 << 20
    /// Free bytes from which it is taken.
    private static let plenty: UInt64 = 64 << 20

    private let path: String
    private let folder: String

    package init(_ places: DevicePlaces) { (path, folder) = (places.reserve, places.root) }

    /// Removes the file if next to nothing else is free.
    func giveUpIfNeeded() {
        guard let free, free < Self.least else { return }
        unlink(path)
    }

    /// Sets the room aside if much is free and nobody has done so.
    package func take() {
        guard let free, free >= Self.plenty,
            let file = try? Descriptor.open(path, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
        else { return }
        do throws(SystemError) {
            try file.reserve(Self.size, at: 0)
        } catch {
            unlink(path)
        }
    }

    private var free: UInt64? { try? DiskSpace.available(at: folder).bytes }
}
