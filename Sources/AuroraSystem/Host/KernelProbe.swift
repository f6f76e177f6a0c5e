import CShims
import Glibc

/// Finds out what the running kernel can do by doing it, harmlessly.
package enum KernelProbe {
    /// Whether openat2(2) is there (Linux 5.6).
    package static var hasOpenat2: Bool {
        let number = aurora_open_in_root(AT_FDCWD, ".", OpenFlags.pathOnly.rawValue)
        if number >= 0 { close(number) }
        return number >= 0
    }

    /// Whether pidfd_open(2) is there (Linux 5.3).
    package static var hasPidfd: Bool {
        let number = aurora_pidfd_open(getpid())
        if number >= 0 { close(number) }
        return number >= 0
    }

    /// Whether the file system of `folder` shares blocks between files (`FICLONE`); tries it with two small files.
    package static func supportsReflink(in folder: String) -> Bool {
        let suffix = SecureRandom.bytes(6).map { String($0, radix: 16) }.joined()
        let names = (".probe-a-\(suffix)", ".probe-b-\(suffix)")
        guard let directory = try? Descriptor.open(folder, [.readOnly, .directory]) else { return false }
        defer {
            unlinkat(directory.rawValue, names.0, 0)
            unlinkat(directory.rawValue, names.1, 0)
        }
        guard let source = try? directory.open(names.0, [.readWrite, .create, .exclusive]),
            let copy = try? directory.open(names.1, [.readWrite, .create, .exclusive]),
            (try? source.write(all: [UInt8](repeating: 1, count: 4096))) != nil
        else { return false }
        return aurora_share_content(copy.rawValue, source.rawValue) == 0
    }

    /// The processor's name, as `uname -m` says it.
    package static var machine: String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: &names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Bytes of the whole file system of `path`.
    package static func fileSystemSize(of path: String) -> UInt64? {
        var facts = statvfs()
        guard aurora_statvfs(path, &facts) == 0 else { return nil }
        return UInt64(facts.f_blocks).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue
    }
}
