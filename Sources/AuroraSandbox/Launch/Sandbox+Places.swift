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
        for place in places where access(place, X_OK) == 0 { return place }
        throw SandboxRefusal(.launcher, "aurora-launcher is neither at \(places[0]) nor at \(places[1])")
    }

    private static func ownFolder() -> String {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        let path = String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/"
    }
}
