package import AuroraSystem
import Glibc

extension Sandbox {
    /// A descriptor of the running program, for a child of the same build whatever happened to its name since.
    package static func ownProgram() throws(SandboxRefusal) -> Descriptor {
        do {
            return try Descriptor.open("/proc/self/exe", .readOnly)
        } catch {
            throw SandboxRefusal(.program, "the running program cannot be opened: \(error)")
        }
    }

    /// The launcher that was installed with the running program: beside it, or in `../libexec/aurora`.
    package static func installedLauncher() throws(SandboxRefusal) -> String {
        let folder = ownFolder()
        let places = ["\(folder)/aurora-launcher", "\(folder)/../libexec/aurora/aurora-launcher"]
        for place in places where access(place, X_OK) == 0 {
            try requireShared(place)
            return place
        }
        throw SandboxRefusal(.launcher, "aurora-launcher is neither at \(places[0]) nor at \(places[1])")
    }

    /// Root lends other users to what it runs, and each of them executes the launcher once more.
    package static func requireShared(_ place: String) throws(SandboxRefusal) {
        guard SandboxIdentity.own.uid == 0, let status = try? FileStatus.ifExists(place), status.mode & 0o005 != 0o005
        else { return }
        throw SandboxRefusal(
            .launcher, "\(place) can be executed by its owner alone", remedy: "chmod 755 \(place), or make install")
    }

    private static func ownFolder() -> String {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        let path = String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
    }
}
