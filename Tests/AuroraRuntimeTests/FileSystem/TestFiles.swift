import AuroraRuntime
import AuroraSystem
import AuroraTestSupport

let roomy = FileUsage(bytes: 1 << 30, files: 1_000_000)

/// Gives `body` a file system with a fresh root, and the folder in which `root` and `outside` lie.
func withFiles(
    _ quota: FileUsage = roomy, mounts: (String) throws -> [VirtualFileSystem.Mount] = { _ in [] },
    _ body: (VirtualFileSystem, String) throws -> Void
) throws {
    try withTemporaryDirectory { folder in
        for name in ["root", "outside", "host"] { try DurableFile.makeDirectory("\(folder)/\(name)") }
        try AuroraTestSupport.write("secret", to: "\(folder)/outside/secret")
        try AuroraTestSupport.write("map", to: "\(folder)/host/map")
        let files = try VirtualFileSystem(root: "\(folder)/root", quota: quota, mounts: try mounts(folder))
        try body(files, folder)
    }
}

func path(_ text: String) throws -> VirtualPath { try VirtualPath(text) }

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// What a call was refused with; nil when it went through.
func fault(_ body: () throws -> Void) -> FileFault? {
    do {
        try body()
        return nil
    } catch let error as FileSystemError {
        return error.fault
    } catch {
        return .badPath("\(error)")
    }
}
