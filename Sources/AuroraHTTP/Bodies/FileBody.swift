import Glibc
import Synchronization

/// A range of an open file as the body of one answer; owns its descriptor.
package final class FileBody: Sendable {
    /// Where the range starts, in bytes.
    package let offset: UInt64
    /// The length of the range in bytes.
    package let length: UInt64
    private let descriptor: Mutex<Int32>

    /// Takes over `descriptor`, which is closed after sending, or on release when it was never sent.
    package init(adopting descriptor: Int32, offset: UInt64 = 0, length: UInt64) {
        self.descriptor = Mutex(descriptor)
        self.offset = offset
        self.length = length
    }

    deinit {
        let left = takeDescriptor()
        if left >= 0 {
            close(left)
        }
    }

    /// Hands the descriptor over to the caller; -1 when it was handed over before.
    func takeDescriptor() -> Int32 {
        descriptor.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
    }
}
