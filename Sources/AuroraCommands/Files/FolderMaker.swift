import AuroraSystem

/// Makes the folders of this user's settings.
enum FolderMaker {
    /// Makes a folder and those above it, for this user only unless `mode` says otherwise.
    static func make(_ path: String, mode: UInt32 = 0o700) throws(CommandError) {
        do {
            try FileTree.makeFolders(path, mode: mode)
        } catch {
            throw CommandError(
                "cannot make the folder \(path)", cause: "\(error)",
                remedy: "check the path and its rights", code: "file_unreadable")
        }
    }
}
