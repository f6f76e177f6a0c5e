import Glibc

/// The person behind a process: who logged in, whatever user the process has become since.
package struct LoginUser: Hashable, Sendable {
    package let uid: UInt32
    /// The name in the user database; the number where there is none.
    package let name: String
    /// Whether the kernel kept the login (`/proc/self/loginuid`); else it is the process's real user.
    package let isLogin: Bool

    /// The person behind this process.
    package static var current: LoginUser {
        // 4294967295 says that nobody logged in: a service, or a machine without audit.
        let text = try? Descriptor.open("/proc/self/loginuid", .readOnly).readAll(limit: 32)
        let login = text.flatMap { UInt32(String(decoding: $0, as: UTF8.self)) }.flatMap { $0 == .max ? nil : $0 }
        let uid = login ?? getuid()
        return LoginUser(uid: uid, name: name(of: uid), isLogin: login != nil)
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
