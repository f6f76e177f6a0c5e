import CShims
import Glibc

/// Wakes a thread that waits in `poll(2)`, from any thread and as often as wanted.
package final class Waker: Sendable {
    private let pipe: PipeEnds

    package init() throws(SystemError) {
        pipe = try PipeEnds()
        try pipe.reader.setNonBlocking()
        try pipe.writer.setNonBlocking()
    }

    /// Readable (`poll`) after ``wake()``, until ``clear()``.
    package var descriptor: Int32 { pipe.reader.rawValue }

    /// Makes ``descriptor`` readable; never waits.
    package func wake() {
        // A full pipe is readable already.
        try? pipe.writer.write(all: [1])
    }

    /// Makes it wait again; called by the woken thread before it looks for its work.
    package func clear() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while bytes.withUnsafeMutableBytes({ read(pipe.reader.rawValue, $0.baseAddress, $0.count) }) > 0 {}
    }
}

extension Descriptor {
    /// Reads and writes no longer wait (`O_NONBLOCK`), for everybody who shares the open file.
    package borrowing func setNonBlocking() throws(SystemError) {
        try check("fcntl", nil) { aurora_set_nonblocking(rawValue) }
    }
}
