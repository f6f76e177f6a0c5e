import Glibc

/// The programs of this package, built together with the tests.
enum Products {
    static var aurora: String { folder + "/aurora" }
    static var launcher: String { folder + "/aurora-launcher" }

    private static let folder: String = {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        let path = String(decoding: bytes.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }()
}
