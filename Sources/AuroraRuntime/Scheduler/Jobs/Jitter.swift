import AuroraCrypto
import AuroraModel

/// Spreads the runs of one job over a fleet, always the same on one device.
enum Jitter {
    /// Nanoseconds of delay: the SHA-256 of device and job, modulo the window; 0 without a window.
    static func delay(device: String, job: JobID, window: Span) -> Int64 {
        guard window.nanoseconds > 0 else { return 0 }
        let digest = SHA256.hash(Array(device.utf8) + [0] + Array(job.text.utf8))
        let number = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(number % UInt64(window.nanoseconds))
    }
}
