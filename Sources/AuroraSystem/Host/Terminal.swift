import CShims
import Glibc

/// What a person sits in front of, if anyone does.
package enum Terminal {
    /// Whether the descriptor is a terminal (`isatty(3)`).
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns of the terminal at the descriptor; 80 when there is none.
    package static func width(_ descriptor: Int32 = STDERR_FILENO) -> Int {
        let columns = aurora_terminal_columns(descriptor)
        return columns > 0 ? Int(columns) : 80
    }

    /// Asks on the controlling terminal without echo; never reads standard input.
    ///
    /// - Throws: `ENXIO` when there is no terminal to ask on.
    package static func readPassphrase(prompt: String) throws(SystemError) -> [UInt8] {
        let terminal = try Descriptor.open("/dev/tty", [.readWrite])
        var before = termios()
        try check("tcgetattr", "/dev/tty") { tcgetattr(terminal.rawValue, &before) }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        try terminal.write(all: Array(prompt.utf8))
        try check("tcsetattr", "/dev/tty") { tcsetattr(terminal.rawValue, TCSAFLUSH, &silent) }
        defer {
            tcsetattr(terminal.rawValue, TCSAFLUSH, &before)
            try? terminal.write(all: [10])
        }
        return try readLine(terminal.rawValue)
    }

    private static func readLine(_ descriptor: Int32) throws(SystemError) -> [UInt8] {
        var line: [UInt8] = []
        while line.count < 4096 {
            var byte: UInt8 = 0
            let count = try check("read", "/dev/tty") { read(descriptor, &byte, 1) }
            if count == 0 || byte == 10 { break }
            line.append(byte)
        }
        return line
    }
}
