import Glibc

/// The person behind a process: who logged in, whatever user the process has become since.
package struct LoginUser: Hashable, Sendable {
    package let uid: UInt32
    /// The name in the user database; the number where there is none.
    package let name: String
    /// Whether the kernel kept the login (`/proc/self/loginuid`); else it is the process's real user.
    package let isLogin: Bool

    /// Somebody whose name is known.
    package init(uid: UInt32, name: String, isLogin: Bool) {
        self.uid = uid
        self.name = name
        self.isLogin = isLogin
    }

    /// The person that the kernel names in `record`, else the user `process`.
    ///
    /// - Parameters:
    ///   - record: the text of `/proc/self/loginuid` (proc_pid_loginuid(5)); nil where there is none, as on a kernel without
    ///     audit.
    ///   - process: the process's real user.
    package init(record: String?, process: UInt32) {
        let login = record.flatMap(Self.login)
        let uid = login ?? process
        self.init(uid: uid, name: Self.name(of: uid), isLogin: login != nil)
    }

    /// The person behind this process.
    package static var current: LoginUser {
        let bytes = try? Descriptor.open("/proc/self/loginuid", .readOnly).readAll(limit: 32)
        return LoginUser(record: bytes.map { String(decoding: $0, as: UTF8.self) }, process: getuid())
    }

    /// What an audit entry says about the person beside the name: the uid, and whether somebody logged in with it.
    package var facts: [(String, String)] { [("uid", "\(uid)"), ("login", isLogin ? "yes" : "no")] }

    /// The uid in the kernel's record.
    ///
    /// 4294967295 says that nobody logged in: a service, for example.
    private static func login(_ record: String) -> UInt32? {
        let digits = record.hasSuffix("\n") ? record.dropLast() : record[...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let uid = UInt32(digits) else { return nil }
        return uid == .max ? nil : uid
    }

    private static func name(of uid: UInt32) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var bytes = [CChar](repeating: 0, count: 16 << 10)
        guard getpwuid_r(uid, &entry, &bytes, bytes.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return String(uid)
        }
        return String(cString: name)
    }
}
