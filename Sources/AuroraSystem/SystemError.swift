import Glibc

/// Why a call to the operating system failed: the call, the thing it was made on, and `errno`.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The C function, for example `renameat2`.
    package let operation: String
    /// The file the call was about; nil when there was none.
    package let path: String?
    /// The C error number, read right after the call.
    package let errno: Int32

    package init(operation: String, path: String? = nil, errno: Int32) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    /// What failed, on which thing, what the system said, and what to do where that is known.
    package var description: String {
        let reason = String(cString: strerror(errno))
        let subject = path.map { " \($0)" } ?? ""
        let remedy = Self.remedies[errno].map { "; \($0)" } ?? ""
        return "\(operation)\(subject): \(reason)\(remedy)"
    }

    private static let remedies: [Int32: String] = [
        ENOSPC: "free space or inodes on this file system, then try again",
        EDQUOT: "raise the quota or free space, then try again",
        EIO: "the disk reported an error: check the kernel log and the device before trying again",
        EROFS: "mount the file system writable",
        EACCES: "check owner and mode of the path and of its parent folders",
        EPERM: "check the rights of the user this program runs as",
        EMFILE: "raise the limit of open files",
        EXDEV: "both paths must lie on one file system",
    ]
}

extension SystemError {
    /// A thread could not be started.
    package static func noThread(for what: String) -> SystemError {
        SystemError(operation: "pthread_create", path: what, errno: EAGAIN)
    }

    /// The error of the C call that just failed; call it before anything else can change `errno`.
    static func last(_ operation: String, _ path: String? = nil) -> SystemError {
        SystemError(operation: operation, path: path, errno: Glibc.errno)
    }
}

/// Repeats a C call while a signal interrupts it; throws its error when it returns a negative number.
@discardableResult
func check<Number: SignedInteger>(
    _ operation: String, _ path: @autoclosure () -> String? = nil, _ call: () -> Number
) throws(SystemError) -> Number {
    while true {
        let result = call()
        if result >= 0 { return result }
        let code = Glibc.errno
        if code != EINTR { throw SystemError(operation: operation, path: path(), errno: code) }
    }
}
