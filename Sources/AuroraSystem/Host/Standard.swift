import Glibc

/// The two standard streams: results go to output, everything else to error.
package enum Standard {
    /// Writes text to standard output as it is; an error (closed pipe) is the caller's to handle.
    package static func write(_ text: String) throws(SystemError) { try put(STDOUT_FILENO, text) }

    /// Writes text to standard output; a closed pipe is ignored.
    package static func writeOutput(_ text: String) { try? put(STDOUT_FILENO, text) }

    /// Writes text to standard error; errors are ignored, there is nowhere left to tell them.
    package static func writeError(_ text: String) { try? put(STDERR_FILENO, text) }

    private static func put(_ number: Int32, _ text: String) throws(SystemError) {
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let from = done
            done += try check("write") {
                bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress?.advanced(by: from), $0.count - from) }
            }
        }
    }
}
