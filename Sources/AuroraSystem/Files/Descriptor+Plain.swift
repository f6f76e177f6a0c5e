import Glibc

extension Descriptor {
    /// A handle (`O_PATH`) on an absolute path, every part of which is opened without following a link.
    ///
    /// - Throws: `ELOOP` where a part is a symbolic link, `EINVAL` for a path that is not absolute or has `..` in it.
    package static func openPlain(_ path: String) throws(SystemError) -> Descriptor {
        let parts = path.split(separator: "/")
        guard path.hasPrefix("/"), !parts.contains("..") else {
            throw SystemError(operation: "open", path: path, errno: EINVAL)
        }
        var current = try Descriptor.open("/", [.pathOnly, .directory])
        for part in parts where part != "." {
            let next: Descriptor
            do {
                next = try current.open(String(part), [.pathOnly, .noFollow])
            } catch {
                throw SystemError(operation: "open", path: path, errno: error.errno)
            }
            if try next.stat().kind == .symlink { throw SystemError(operation: "open", path: path, errno: ELOOP) }
            current = next
        }
        return current
    }
}
