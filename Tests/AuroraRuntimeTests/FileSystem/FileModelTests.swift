import AuroraRuntime
import AuroraTestSupport
import Testing

/// Random operations on a folder of the host, on files in memory, and on a dictionary that says what must be.
@Suite struct FileModelTests {
    @Test("three thousand random operations agree with a dictionary, on disk and in memory", arguments: [1, 2, 3, 4])
    func random(seed: UInt64) throws {
        let quota = FileUsage(bytes: 400, files: 12)
        let memory = VirtualFileSystem.Mount(try path("m"), .memory(quota))
        func mounts(_ folder: String) -> [VirtualFileSystem.Mount] { [memory] }
        try withFiles(quota, mounts: mounts) { files, folder in
            var generator = Repeating(state: seed)
            var model = Model(quota: quota)
            for step in 0..<3_000 {
                let act = Act.random(&generator)
                let expected = model.perform(act)
                for prefix in ["", "m/"] {
                    let found = fault { try act.perform(on: files, prefix) }
                    #expect(found == expected, "seed \(seed) step \(step) \(prefix)\(act)")
                    #expect(files.usage(at: try path(prefix)) == model.usage, "seed \(seed) step \(step) \(act)")
                }
                if step % 100 == 0 { try compare(model, files) }
            }
            try compare(model, files)
            #expect(try VirtualFileSystem(root: "\(folder)/root", quota: roomy).usage() == model.usage)
        }
    }

    private func compare(_ model: Model, _ files: VirtualFileSystem) throws {
        for prefix in ["", "m/"] {
            for (name, content) in model.nodes {
                if let content {
                    #expect(try files.read(path(prefix + name)) == content)
                } else {
                    #expect(try files.facts(path(prefix + name)).kind == .directory)
                }
            }
            let top = Set(try files.list(path(prefix)).entries.map(\.name)).subtracting(["m"])
            #expect(top == Set(model.nodes.keys.filter { !$0.contains("/") }))
        }
    }
}

private struct Repeating: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

private enum Act {
    case write(String, [UInt8], WriteMode)
    case append(String, [UInt8])
    case makeDirectory(String)
    case remove(String, isTree: Bool)
    case rename(String, String)

    static func random(_ generator: inout Repeating) -> Act {
        func name() -> String {
            let parts = Int.random(in: 1...3, using: &generator)
            return (0..<parts).map { _ in ["a", "b", "c"].randomElement(using: &generator) ?? "a" }.joined(
                separator: "/")
        }
        let content = [UInt8](repeating: 7, count: Int.random(in: 0...120, using: &generator))
        switch Int.random(in: 0..<10, using: &generator) {
        case 0, 1: return .write(name(), content, .replace)
        case 2: return .write(name(), content, .createNew)
        case 3, 4: return .append(name(), content)
        case 5, 6: return .makeDirectory(name())
        case 7: return .remove(name(), isTree: false)
        case 8: return .remove(name(), isTree: true)
        default: return .rename(name(), name())
        }
    }

    func perform(on files: VirtualFileSystem, _ prefix: String) throws {
        func at(_ name: String) throws -> VirtualPath { try path(prefix + name) }
        switch self {
        case .write(let name, let bytes, let mode): try files.write(at(name), bytes, mode)
        case .append(let name, let bytes): try files.append(at(name), bytes)
        case .makeDirectory(let name): try files.makeDirectory(at(name))
        case .remove(let name, let isTree): try isTree ? files.removeTree(at(name)) : files.remove(at(name))
        case .rename(let name, let target): try files.rename(at(name), to: at(target))
        }
    }
}

/// What must be: content by path, nil for a folder.
private struct Model {
    var nodes: [String: [UInt8]?] = [:]
    let quota: FileUsage

    init(quota: FileUsage) { self.quota = quota }

    var usage: FileUsage {
        FileUsage(bytes: Int64(nodes.values.reduce(0) { $0 + ($1?.count ?? 0) }), files: Int64(nodes.count))
    }

    private func isFolder(_ name: String) -> Bool { nodes[name].map { $0 == nil } ?? false }

    private func below(_ name: String) -> [String] { nodes.keys.filter { $0.hasPrefix(name + "/") } }

    /// Why the folder of a name cannot be walked to.
    private func obstacle(_ name: String) -> FileFault? {
        var walked = ""
        for part in name.split(separator: "/").dropLast() {
            walked += (walked.isEmpty ? "" : "/") + part
            guard let node = nodes[walked] else { return .notFound }
            if node != nil { return .notDirectory }
        }
        return nil
    }

    private func excess(_ bytes: Int, _ files: Int) -> FileFault? {
        if bytes > 0, usage.bytes + Int64(bytes) > quota.bytes { return .byteQuota(quota.bytes) }
        return files > 0 && usage.files + Int64(files) > quota.files ? .fileQuota(quota.files) : nil
    }

    mutating func perform(_ act: Act) -> FileFault? {
        switch act {
        case .write(let name, let bytes, let mode):
            if let fault = obstacle(name) { return fault }
            if nodes[name] != nil, mode == .createNew { return .exists }
            if isFolder(name) { return .isDirectory }
            let old = nodes[name].flatMap { $0 }
            if let fault = excess(bytes.count - (old?.count ?? 0), old == nil ? 1 : 0) { return fault }
            nodes[name] = .some(bytes)
        case .append(let name, let bytes):
            if let fault = obstacle(name) { return fault }
            if isFolder(name) { return .isDirectory }
            let old = nodes[name].flatMap { $0 }
            if let fault = excess(bytes.count, old == nil ? 1 : 0) { return fault }
            nodes[name] = .some((old ?? []) + bytes)
        case .makeDirectory(let name):
            if let fault = obstacle(name) { return fault }
            if nodes[name] != nil { return .exists }
            if let fault = excess(0, 1) { return fault }
            nodes[name] = .some(nil)
        case .remove(let name, let isTree):
            if let fault = obstacle(name) { return fault }
            guard nodes[name] != nil else { return .notFound }
            if !isTree, !below(name).isEmpty { return .notEmpty }
            for inner in below(name) + [name] { nodes[inner] = nil }
        case .rename(let name, let target): return rename(name, target)
        }
        return nil
    }

    private mutating func rename(_ name: String, _ target: String) -> FileFault? {
        if let fault = obstacle(name) ?? obstacle(target) { return fault }
        guard nodes[name] != nil else { return .notFound }
        if target.hasPrefix(name + "/") { return .badPath("a folder cannot move into itself") }
        if name == target { return nil }
        if name.hasPrefix(target + "/") { return .notEmpty }
        if nodes[target] != nil {
            if isFolder(target), !isFolder(name) { return .isDirectory }
            if !isFolder(target), isFolder(name) { return .notDirectory }
            if !below(target).isEmpty { return .notEmpty }
        }
        for inner in below(name) + [name] {
            let node = nodes.removeValue(forKey: inner) ?? nil
            nodes[target + inner.dropFirst(name.count)] = .some(node)
        }
        return nil
    }
}
