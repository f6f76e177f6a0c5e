import AuroraSystem

/// A folder of this user's own that is gone when the work is done.
enum TemporaryFolder {
    /// Makes a folder, mode 0700, in the system's temporary folder.
    static func make(_ name: String) throws(CommandError) -> String {
        let base = Environment.all["TMPDIR"] ?? "/tmp"
        let suffix = SecureRandom.bytes(6).map { String($0, radix: 16) }.joined()
        let path = "\(base)/\(name)-\(suffix)"
        try FolderMaker.make(path)
        return path
    }

    /// Gives `body` a folder and removes it afterwards, whatever happened.
    static func with<Result>(_ name: String = "aurora", _ body: (String) throws -> Result) throws -> Result {
        let path = try make(name)
        defer { try? FileTree.remove(path) }
        return try body(path)
    }
}
