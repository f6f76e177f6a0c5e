import AuroraSystem

/// Reads and writes the files a command is told about, with errors a person understands.
enum LocalFile {
    /// The whole content of a file; `-` is standard input.
    static func read(_ path: String, what: String, limit: Int = 16 << 20) throws(CommandError) -> [UInt8] {
        do {
            if path == "-" {
                return try Descriptor.open("/dev/stdin", .readOnly).readAll(limit: limit)
            }
            return try Descriptor.open(path, .readOnly).readAll(limit: limit)
        } catch {
            throw failure("cannot read the \(what) \(path)", error)
        }
    }

    /// A secret from a file: one line, its end taken off.
    ///
    /// A file that others can read is refused: a secret in it is none.
    static func secret(_ path: String, what: String) throws(CommandError) -> [UInt8] {
        var bytes: [UInt8]
        do {
            let file = try Descriptor.open(path == "-" ? "/dev/stdin" : path, .readOnly)
            let status = try file.stat()
            guard path == "-" || status.kind != .regular || status.mode & 0o077 == 0 else {
                throw CommandError(
                    "the \(what) file \(path) can be read by others", remedy: "chmod 600 \(path)",
                    code: "file_too_open", exit: .usage)
            }
            bytes = try file.readAll(limit: 64 << 10)
        } catch let error as SystemError {
            throw failure("cannot read the \(what) \(path)", error)
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("cannot read the \(what) \(path)", cause: "\(error)", code: "file_unreadable")
        }
        while bytes.last == 10 || bytes.last == 13 { bytes.removeLast() }
        guard !bytes.isEmpty else {
            throw CommandError(
                "the \(what) file \(path) is empty", remedy: "write the \(what) into it", code: "file_empty",
                exit: .usage)
        }
        return bytes
    }

    /// Replaces a file durably.
    static func write(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws(CommandError) {
        do {
            try DurableFile.replace(path, contents: bytes, mode: mode)
        } catch {
            throw failure("cannot write \(path)", error)
        }
    }

    /// The error of a file as a command's error.
    static func failure(_ what: String, _ error: SystemError) -> CommandError {
        CommandError(what, cause: "\(error)", remedy: "check the path and its rights", code: "file_unreadable")
    }

    /// The last component of a path.
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The folder of a path; `.` when it has none.
    static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Whether something lies there.
    static func exists(_ path: String) -> Bool {
        (try? Descriptor.open(path, .pathOnly)) != nil
    }
}
