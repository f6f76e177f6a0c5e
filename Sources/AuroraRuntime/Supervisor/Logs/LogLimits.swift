/// How much of a service's output is kept, and how fast it may come.
package struct LogLimits: Hashable, Sendable {
    /// A file of the ring is closed when it has this many bytes.
    package var fileBytes = 4 << 20
    /// So many files are kept, the oldest goes first.
    package var files = 5
    /// Bytes of output taken each second in the long run; what is more is counted and dropped.
    package var bytesPerSecond = 256 << 10
    /// Bytes that may come at once after a quiet time.
    package var burstBytes = 1 << 20
    /// Bytes of output that wait in memory for the disk, and as many of events and crash records beside them; what is
    /// more is counted and dropped.
    package var queueBytes = 512 << 10
    /// A longer line is cut into several.
    package var lineBytes = 8 << 10
    /// The end of the output that goes into a crash record.
    package var crashBytes = 64 << 10
    /// So many crash records are kept.
    package var crashes = 10

    /// The usual limits: 5 files of 4 MiB.
    package init() {}
}
