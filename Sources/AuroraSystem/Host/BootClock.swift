import CShims
import Glibc

/// Time since the machine was started, sleep included (`CLOCK_BOOTTIME`): never set, never steps.
package struct BootClock: Sendable {
    /// Nanoseconds since the start of the machine.
    package let now: @Sendable () -> Int64

    /// Uses this instead of the machine's.
    package init(now: @escaping @Sendable () -> Int64) { self.now = now }

    /// The machine's clock.
    package static let system = BootClock {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// What distinguishes this start of the machine from all others; empty when the kernel does not tell.
    ///
    /// Source: `/proc/sys/kernel/random/boot_id`, proc_sys_kernel(5).
    package static func bootID() -> String {
        guard let file = try? Descriptor.open("/proc/sys/kernel/random/boot_id", .readOnly),
            let bytes = try? file.readAll(limit: 128)
        else { return "" }
        return String(decoding: bytes.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
    }
}
