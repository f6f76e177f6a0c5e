import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSystem

/// `aurora pack files`: what an active pack has written, and what it is made of.
enum PackFilesCommand {
    /// Most bytes of a file that are shown; all of it goes to a file.
    private static let shown: Int64 = 1 << 20

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
        options: [
            .value("out", "FILE", hint: .file, "copy the file, whatever its size, to a new FILE"),
            .flag("usage", "count what each folder holds, names that cannot be shown included"), .device,
        ],
        examples: [
            "pack files pack-status", "pack files pack-status data --usage", "pack files pack-status data/state.json",
        ],
        run: run)

    private static func run(_ invocation: Invocation) throws -> ExitCode {
        let id = try Invocation.packID(invocation.argument("pack"))
        let files = try PackFiles(id, at: invocation.devicePlaces)
        do {
            let path = try VirtualPath(invocation.line.words("path").first ?? "/")
            if try path == .root || files.tree.facts(path).kind == .directory {
                if invocation.line.value("out") != nil {
                    throw CommandError.usage("\(path) is a folder", remedy: "name one of its files for --out")
                }
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

    /// Most entries of one folder that are listed.
    private static let listed = 100_000

    private static func list(_ files: PackFiles, _ path: VirtualPath, _ invocation: Invocation) throws {
        var (entries, more): ([FileEntry], Bool) = ([], true)
        while more, entries.count < listed {
            let page = try files.tree.list(path, after: entries.last?.name, limit: 10_000)
            entries += page.entries
            more = page.more
        }
        let counts = invocation.line.has("usage")
        var table = counts ? TextTable("NAME", "KIND", "BYTES", "FILES") : TextTable("NAME", "KIND", "SIZE", "CHANGED")
        let items = entries.map { entry -> JSONValue in
            // What cannot be counted, since it went or is nested too deep, is shown without.
            let below = counts && entry.facts.kind == .directory ? try? usage(files, path, entry.name) : nil
            table.add(entry, counts: counts, below: below)
            return json(entry, below)
        }
        invocation.console.show(
            "PackFileList", list: items, name: "name", table: table, empty: "nothing is in \(path)")
        if counts, path != .root { try? sayHidden(files, path, entries, invocation) }
        if more { invocation.console.warn("these are the first \(listed) of them") }
    }

    private static func usage(_ files: PackFiles, _ path: VirtualPath, _ name: String) throws -> FileUsage {
        try files.tree.usage(below: VirtualPath("\(path)/\(name)"))
    }

    /// What is in a folder under names that are no text, or begin as those of unfinished writes do.
    private static func sayHidden(
        _ files: PackFiles, _ path: VirtualPath, _ entries: [FileEntry], _ invocation: Invocation
    ) throws {
        let all = try files.tree.usage(below: path)
        var shown = FileUsage(bytes: 0, files: Int64(entries.count))
        for entry in entries where entry.facts.kind == .directory {
            shown.files += try usage(files, path, entry.name).files
        }
        guard all.files > shown.files else { return }
        invocation.console.warn(
            "about \(all.files - shown.files) files have names that cannot be shown; "
                + "\(path) holds \(ByteCount.text(all.bytes)) in \(all.files) files and folders")
    }

    private static func json(_ entry: FileEntry, _ below: FileUsage?) -> JSONValue {
        var object: JSONObject = [
            "name": .string(entry.name), "kind": .string(entry.facts.kind.rawValue),
            "bytes": .integer(below?.bytes ?? entry.facts.size),
            "changed": JSONValue(Timestamp(milliseconds: entry.facts.modified)),
        ]
        if let below { object["files"] = .integer(below.files) }
        return .object(object)
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
        guard !LocalFile.exists(out) else {
            throw CommandError(
                "\(out) is there already", cause: "nothing is overwritten", remedy: "name another file",
                code: "file_exists", exit: .conflict)
        }
        let count: Int64
        do {
            let file = try Descriptor.open(out, [.writeOnly, .create, .exclusive], mode: 0o600)
            do {
                count = try files.tree.copy(path, to: file)
                try file.synchronize()
            } catch {
                try? DurableFile.remove(out)
                throw error
            }
        } catch let error as SystemError {
            throw LocalFile.failure("\(out) cannot be written", error)
        }
        invocation.console.show("PackFileCopy", ["file": .string(out), "bytes": .integer(count)], names: [out]) {
            "\(out) has \(ByteCount.text(count))"
        }
    }
}

extension TextTable {
    fileprivate mutating func add(_ entry: FileEntry, counts: Bool, below: FileUsage?) {
        let (facts, kind) = (entry.facts, entry.facts.kind.rawValue)
        let size = facts.kind == .file ? ByteCount.text(facts.size) : "-"
        let changed = facts.modified == 0 ? "-" : "\(Timestamp(milliseconds: facts.modified))"
        if counts {
            add(entry.name, kind, below.map { ByteCount.text($0.bytes) } ?? size, below.map { "\($0.files)" } ?? "-")
        } else {
            add(entry.name, kind, size, changed)
        }
    }
}
