import AuroraSystem

/// The shared libraries this process runs with, read from `/proc/self/maps`.
///
/// A child from the same build needs the same ones: Landlock must let it read them wherever the Swift runtime lives. A
/// statically linked release simply maps fewer.
enum MappedLibraries {
    /// Rules that let a child load its libraries: fixed places, the directories in use, and the dynamic linker.
    static func rules() -> [LandlockRule] {
        let fixed = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"]
        var rules = fixed.map { LandlockRule(.optionalPath($0), .read) }
        rules.append(LandlockRule(.optionalPath("/etc/ld.so.cache"), .readFile))
        // Swift finds its arguments on the stack, and the stack in here. The launcher keeps its process id when it
        // becomes the program, so the rule names the program's own map and no other process's.
        rules.append(LandlockRule(.optionalPath("/proc/self/maps"), .readFile))
        let libraries = mapped()
        for folder in Set(libraries.compactMap(folder(of:))).sorted() {
            rules.append(LandlockRule(.optionalPath(folder), .read))
        }
        for linker in libraries where isDynamicLinker(linker) {
            rules.append(LandlockRule(.optionalPath(linker), [.readFile, .execute]))
        }
        return rules
    }

    /// The mapped files that are shared libraries.
    static func libraries(in maps: String) -> [String] {
        var paths: Set<String> = []
        for line in maps.split(separator: "\n") {
            guard let start = line.firstIndex(of: "/") else { continue }
            let path = String(line[start...])
            guard path.hasSuffix(".so") || path.contains(".so."), !path.hasSuffix(" (deleted)") else { continue }
            paths.insert(path)
        }
        return paths.sorted()
    }

    private static func mapped() -> [String] {
        guard let bytes = try? Descriptor.open("/proc/self/maps", .readOnly).readAll(limit: 4 << 20) else { return [] }
        return libraries(in: String(decoding: bytes, as: UTF8.self))
    }

    private static func folder(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }

    private static func isDynamicLinker(_ path: String) -> Bool {
        guard let slash = path.lastIndex(of: "/") else { return false }
        return path[path.index(after: slash)...].hasPrefix("ld-")
    }
}
