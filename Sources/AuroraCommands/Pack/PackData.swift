import AuroraModel
import AuroraPacks

/// What packs keep: looked at, written into archives, and put in place of what is there.
struct PackData {
    let invocation: Invocation

    private var console: Console { invocation.console }

    /// `aurora pack data`.
    func list() throws -> ExitCode {
        let wanted = try invocation.line.words("pack").first.map(Invocation.packID)
        let items = try LocalDevice(invocation).withInstaller { try $0.data(of: wanted) }
        var table = TextTable("PACK", "WHAT", "SCHEMA", "BYTES", "TAKEN")
        for item in items {
            table.add(
                item.pack.text, Self.words(item), "\(item.schema)", ByteCount.text(item.bytes),
                item.taken.map { "\($0)" } ?? "")
        }
        console.show(
            "PackDataList", list: items.map(\.json), name: "pack", table: table, empty: "no pack has data here")
        return .success
    }

    private static func words(_ item: PackDataItem) -> String {
        switch item.kind {
        case .used: "in use"
        case .unused: "not in use"
        case .snapshot: "copy before generation \(item.generation ?? 0)"
        case .replaced: "put aside, can be taken back"
        }
    }

    /// `aurora pack export-data`.
    func export() throws -> ExitCode {
        let (id, generation) = (try pack(), try invocation.number("generation"))
        let file = invocation.line.value("out") ?? "\(id)-data.tar"
        guard !LocalFile.exists(file) else {
            throw CommandError(
                "\(file) is there already", cause: "an export overwrites nothing", remedy: "name another with --out",
                code: "file_exists", exit: .conflict)
        }
        let local = try LocalDevice(invocation)
        if generation == nil { try local.changing { try $0.copyData(of: id, by: local.actor) } }
        let export = try local.withInstaller {
            try $0.exportData(of: id, before: generation, to: file, by: local.actor)
        }
        console.show("PackDataExport", export.json, names: [file]) {
            "\(file): \(id)'s data of schema \(export.snapshot.schema), \(ByteCount.text(export.bytes)), "
                + "sha256:\(export.archive.hex)"
        }
        return .success
    }

    /// `aurora pack import-data`.
    func importData() throws -> ExitCode {
        let (id, file) = (try pack(), invocation.argument("file"))
        let reason = try invocation.reason(for: "put these data in place of \(id)'s")
        let local = try LocalDevice(invocation)
        let placed = try local.changing { try $0.importData(of: id, from: file, reason: reason, by: local.actor) }
        return conclude(placed, "the data of \(file), taken \(placed.taken), are in place")
    }

    /// `aurora pack restore-data`.
    func restore() throws -> ExitCode {
        let (id, generation) = (try pack(), try invocation.number("generation"))
        let reason = try invocation.reason(for: "bring data of \(id) back")
        let local = try LocalDevice(invocation)
        guard let generation else {
            let taken = try local.changing { try $0.takeBackData(of: id, reason: reason, by: local.actor) }
            console.show("PackDataPlaced", taken.json, names: [id.text]) {
                "\(id) has the data again that it had before"
            }
            return .success
        }
        let placed = try local.changing {
            try $0.restoreData(of: id, before: generation, reason: reason, by: local.actor)
        }
        return conclude(placed, "the copy taken before generation \(generation) is in place")
    }

    private func conclude(_ placed: DataSnapshot, _ words: String) -> ExitCode {
        console.show("PackDataPlaced", placed.json, names: [placed.pack.text]) {
            "\(placed.pack): \(words); what it had is put aside"
        }
        console.note("  next: aurora pack health; to take it back: aurora pack restore-data \(placed.pack)")
        return .success
    }

    private func pack() throws -> PackID { try Invocation.packID(invocation.argument("pack")) }
}
