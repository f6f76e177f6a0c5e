import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSystem

/// `aurora pack files`: what an active pack has written, and what it is made of.
enum PackFilesCommand {
    /// Most bytes of a file that are shown; all of it goes to a file.
    private static let shown: Int64 = 1 << 20
    private static let piece: Int64 = 1 << 20

    static let command = Command(
        "pack files", "list what an active pack has written, or show one of its files",
        discussion: """
            A pack's files are one tree: data and logs, which the pack writes, code, and packs/ID for what it depends on. \
            Links that lead out of it are refused, so it is safe to look as root.
            """,
        arguments: [
            CommandArgument("pack", "the pack's id"),
            CommandArgument("path", "a folder or a file of it", count: .optional),
        ],
        options: [.value("out", "FILE", hint: .file, "copy the file, whatever its size, to a new FILE"), .device],
        examples: ["pack files pack-status", "pack files pack-status logs", "pack files pack-status data/state.json"],
        run: run)

    private static func run(_ invocation: Invocation) throws -> ExitCode {
        let id = try Invocation.packID(invocation.argument("pack"))
        let files = try PackFiles(id, at: invocation.devicePlaces)
        do {
            let path = try VirtualPath(invocation.line.words("path").first ?? "/")
            if try path == .root || files.tree.facts(path).kind == .directory {
                try list(files, path, invocation)
            } else if let out = invocation.line.value("out") {
                try copy(files, path, to: out, invocation)
            } else {
                try show(files, path, invocation)
            }
            return .success
        } catch let error as FileSystemError {
            throw CommandError(
                "\(id) shows no such file", cause: "\(error)", remedy: "see what there is: aurora pack files \(id)",
                code: "pack_file", exit: error.fault == .notFound ? .notFound : .failure)
        }
    }

    private static func list(
        _ files: PackFiles, _ path: VirtualPath, _ invocation: Invocation
    ) throws {
        var entries: [FileEntry] = []
        while true {
            let (page, more) = try files.tree.list(path, after: entries.last?.name, limit: 10_000)
            entries += page
            guard more, entries.count < 100_000 else { break }
        }
        var table = TextTable("NAME", "KIND", "SIZE", "CHANGED")
        let items = entries.map { entry -> JSONValue in
            let (facts, name) = (entry.facts, entry.name)
            let changed = facts.modified == 0 ? "-" : "\(Timestamp(milliseconds: facts.modified))"
            table.add(name, facts.kind.rawValue, facts.kind == .file ? ByteCount.text(facts.size) : "-", changed)
            return [
                "name": .string(name), "kind": .string(facts.kind.rawValue), "bytes": .integer(facts.size),
                "changed": JSONValue(Timestamp(milliseconds: facts.modified)),
            ]
        }
        invocation.console.show(
            "PackFileList", list: items, name: "name", table: table, empty: "nothing is in \(path)")
    }

    /// Text alone, and no character of it obeyed by the terminal.
    private static func show(
        _ files: PackFiles, _ path: VirtualPath, _ invocation: Invocation
    ) throws {
        let size = try files.tree.facts(path).size
        let bytes = try files.tree.read(path, range: 0..<min(size, shown), limit: Int(shown))
        invocation.console.raw(text(bytes))
        if size > shown {
            invocation.console.warn(
                "the first \(ByteCount.text(shown)) of \(ByteCount.text(size)); all of it: --out FILE")
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isHarmless = scalar == "\n" || scalar == "\t" || scalar.isHarmlessInLine
            text.unicodeScalars.append(isHarmless ? scalar : "\u{FFFD}")
        }
        return text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
    }

    private static func copy(
        _ files: PackFiles, _ path: VirtualPath, to out: String, _ invocation: Invocation
    ) throws {
        let file: Descriptor
        do {
            file = try Descriptor.open(out, [.writeOnly, .create, .exclusive], mode: 0o600)
        } catch {
            throw LocalFile.failure("\(out) cannot be made", error)
        }
        var offset: Int64 = 0
        while true {
            let bytes = try files.tree.read(path, range: offset..<offset + piece, limit: Int(piece))
            if bytes.isEmpty { break }
            try file.write(all: bytes)
            offset += Int64(bytes.count)
        }
        try file.synchronize()
        invocation.console.show("PackFileCopy", ["file": .string(out), "bytes": .integer(offset)], names: [out]) {
            "\(out) has \(ByteCount.text(offset))"
        }
    }
}
