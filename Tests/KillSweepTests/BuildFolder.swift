import AuroraSystem

/// Where this package was built: the folder of the test bundle that is loaded into this process.
enum BuildFolder {
    static let path: String? = {
        guard let maps = try? Descriptor.open("/proc/self/maps", .readOnly).readAll() else { return nil }
        let lines = String(decoding: maps, as: UTF8.self).split(separator: "\n")
        let paths = lines.compactMap { line in line.firstIndex(of: "/").map { line[$0...] } }
        let bundle = paths.first { $0.hasSuffix(".xctest") }
        return bundle.map { String($0[..<($0.lastIndex(of: "/") ?? $0.endIndex)]) }
    }()

    static var driver: String { "\(path ?? "")/aurora-crash-driver" }
    static var preload: String { "\(path ?? "")/libCrashPreload.so" }
}
