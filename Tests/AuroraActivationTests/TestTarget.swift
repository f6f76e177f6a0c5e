import AuroraModel
import AuroraSystem
import AuroraTestSupport

@testable import AuroraActivation

/// A tree as a test writes it: path to text; a path that ends in "*" is executable, one that ends in "@" is a link.
typealias Tree = [String: String]

/// One target in a folder of its own, with short words for what tests do.
struct TestTarget {
    let folder: String
    let kind: TargetKind
    var path: String { "\(folder)/app" }
    var root: String { "\(folder)/.app.aurora" }

    /// Opens the engine, recovers and adopts.
    func open(keep: Int = 5) throws -> ActivationEngine {
        let engine = try ActivationEngine(target: path, kind: kind, keep: keep, clock: .fixed(1_000))
        _ = try engine.recover()
        try engine.adoptExisting()
        return engine
    }

    /// Writes a tree into a folder.
    func write(_ tree: Tree, to folder: String) throws {
        for (name, text) in tree.sorted(by: { $0.key < $1.key }) {
            if name.hasSuffix("@") {
                try DurableFile.symlink(text, at: "\(folder)/\(name.dropLast())")
            } else {
                let isProgram = name.hasSuffix("*")
                let plain = isProgram ? String(name.dropLast()) : name
                try AuroraTestSupport.write(text, to: "\(folder)/\(plain)", mode: isProgram ? 0o755 : 0o644)
            }
        }
    }

    /// Stages, publishes and prepares a tree.
    @discardableResult
    func prepare(_ tree: Tree, _ engine: ActivationEngine, label: String = "release") throws -> Generation {
        let digest = try publish(tree, engine)
        let plan = Digest(hashing: Array(label.utf8))
        return try engine.prepare(treeDigest: digest, planDigest: plan, label: label)
    }

    @discardableResult
    func publish(_ tree: Tree, _ engine: ActivationEngine) throws -> Digest {
        let staged = try engine.stagingDirectory()
        try write(tree, to: staged)
        return try engine.publish(staged: staged).digest
    }

    /// The whole way of a healthy release.
    @discardableResult
    func promote(_ tree: Tree, _ engine: ActivationEngine) throws -> ActivationOutcome {
        try engine.activate(try prepare(tree, engine).number)
    }

    /// What is at the path now: names and texts, links followed at the path only; nil when nothing is there.
    func content() throws -> Tree? {
        guard try FileStatus.ifExists(path + "/.") != nil else { return nil }
        let root = try Descriptor.open(path + "/.", [.readOnly, .directory])
        var tree: Tree = [:]
        for entry in try FileTree.walk(root.rawValue) {
            switch entry.kind {
            case .regular:
                let text = try readText("\(path)/\(entry.path)")
                tree[entry.path + (entry.mode & 0o111 != 0 ? "*" : "")] = text
            case .symlink: tree[entry.path + "@"] = entry.linkTarget
            case .directory, .other: break
            }
        }
        return tree
    }
}

extension ActivationEngine {
    @discardableResult
    func activate(_ number: Int) throws -> ActivationOutcome {
        try activate(number, apply: {}, health: { .healthy })
    }

    @discardableResult
    func rollback() throws -> ActivationOutcome { try rollback(apply: {}, health: { .healthy }) }
}

/// Runs a test body on a fresh target of each kind.
func withTarget(_ kind: TargetKind, existing: Tree? = nil, _ body: (TestTarget) throws -> Void) throws {
    try withTemporaryDirectory { folder in
        let target = TestTarget(folder: folder, kind: kind)
        if let existing {
            try DurableFile.makeDirectory(target.path)
            try target.write(existing, to: target.path)
        }
        try body(target)
    }
}

/// The code of the activation error that `body` throws; nil when it throws none.
func code(_ body: () throws -> Void) -> ActivationError.Code? {
    do {
        try body()
        return nil
    } catch let error as ActivationError {
        return error.code
    } catch {
        return nil
    }
}
