import CShims
import Glibc

/// Random bytes fit for keys and identifiers.
package enum SecureRandom {
    /// `count` bytes of `getrandom(2)`; blocks only before the kernel's pool is first filled at boot.
    package static func bytes(_ count: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let done = filled
            let number = result.withUnsafeMutableBytes { buffer in
                getrandom(buffer.baseAddress?.advanced(by: done), min(256, count - done), 0)
            }
            // getrandom with flags 0 fails only by EINTR on every kernel Aurora supports; anything else must not go on.
            precondition(number > 0 || errno == EINTR, "getrandom(2) is not available")
            filled += max(0, number)
        }
        return result
    }
}
