import Glibc

/// Why a lock was not taken.
package enum FileLockError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process (or another owner in this one) holds it.
    case busy(path: String)
    case failed(SystemError)

    package var description: String {
        switch self {
        case .busy(let path): "lock \(path): held by another process; stop that one first"
        case .failed(let error): error.description
        }
    }
}

/// An exclusive `flock(2)`: one owner at a time, released when this object goes and also by kill -9 of its process.
package final class FileLock: Sendable {
    /// The lock file; it stays after release.
    package let path: String
    private let descriptor: Descriptor

    /// Takes the lock without waiting; makes the file (mode 0600) if need be.
    ///
    /// - Throws: `.busy` when someone holds it.
    package init(path: String) throws(FileLockError) {
        self.path = path
        do {
            descriptor = try Descriptor.open(path, [.readWrite, .create, .noFollow])
            let number = descriptor.rawValue
            try check("flock", path) { flock(number, LOCK_EX | LOCK_NB) }
        } catch  where error.errno == EWOULDBLOCK {
            throw .busy(path: path)
        } catch {
            throw .failed(error)
        }
    }

    deinit {
        // Closing alone is not enough: a child that is just being started holds a copy of the descriptor until its exec.
        flock(descriptor.rawValue, LOCK_UN)
    }
}
