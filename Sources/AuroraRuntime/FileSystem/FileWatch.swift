package import AuroraSystem

/// Tells what happens in one folder of a pack's file system; not in the folders below it.
///
/// One thread at a time takes events.
package final class FileWatch: Sendable {
    private let watch: FolderWatch

    init(_ watch: consuming FolderWatch) { self.watch = watch }

    /// Waits for the next events, at most `timeout`; none when nothing happened.
    ///
    /// After `overflow`, list the folder again: the kernel had to drop events.
    /// - Throws: ``FileSystemError``.
    package func next(timeout: Duration) throws(FileSystemError) -> [FolderWatch.Event] {
        let events: [FolderWatch.Event]
        do throws(SystemError) {
            events = try watch.next(timeout: timeout)
        } catch {
            throw FileSystemError(FileFault(error), "watch")
        }
        return events.filter { event in
            switch event {
            case .appeared(let name), .changed(let name), .vanished(let name):
                !name.bytes.starts(with: FileVolumeRules.reservedPrefix.utf8)
            case .overflow, .ended: true
            }
        }
    }
}
