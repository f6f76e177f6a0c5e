import AuroraDatabase
import AuroraModel
import AuroraSystem
import Glibc

/// What is said when the disk of a device has no room.
enum FullDisk {
    /// The refusal that this error is; nil when it is about something else.
    static func refusal(for error: any Error, on places: DevicePlaces) -> Refusal? {
        let isFull =
            switch error {
            case let error as DatabaseError: error.kind == .full
            case let error as SystemError: [ENOSPC, EDQUOT].contains(error.errno)
            default: false
            }
        guard isFull else { return nil }
        return Refusal(
            .insufficientStorage, code: "insufficient_storage", "The disk of \(places.root) is full: \(error)",
            subject: places.root, rule: "what is done is written down, and that needs room",
            remedy: "see what takes it: du -sh \(places.root)/*/*; stop the pack that does, remove what is not needed, "
                + "then: aurora pack gc")
    }
}
