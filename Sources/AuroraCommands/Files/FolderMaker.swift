import AuroraSystem
import Foundation

/// Makes the folders of this user's settings.
enum FolderMaker {
    /// Makes a folder and those above it, for this user only.
    static func make(_ path: String, mode: Int = 0o700) throws(CommandError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw CommandError(
                "cannot make the folder \(path)", cause: error.localizedDescription,
                remedy: "check the path and its rights", code: "file_unreadable")
        }
    }
}
