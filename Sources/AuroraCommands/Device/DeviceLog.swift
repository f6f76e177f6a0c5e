import AuroraAudit
import AuroraModel
import AuroraPacks

/// `aurora device log`: what happened to this machine's packs, from the device's own audit log.
enum DeviceLog {
    static let command = Command(
        "device log", "show the device's own audit log, or export it with its proofs",
        discussion: """
            Every change of this machine's packs, every refusal and every approval. --export writes checkpoint, hash \
            tiles and entry bundles as a folder that aurora audit verify and stock verifiers read.
            """,
        options: [
            .value("lines", "N", short: "n", "how many entries, the newest last [20]"),
            .value("export", "FOLDER", hint: .directory, "write the whole log to a new folder"), .device,
        ],
        examples: ["device log", "device log --export ./device-log"],
        run: run)

    private static func run(_ invocation: Invocation) throws -> ExitCode {
        let places = try invocation.devicePlaces
        let device = try Device(places: places, configuration: try invocation.deviceConfiguration(places))
        if let folder = invocation.line.value("export") { return try export(device.audit, to: folder, invocation) }
        let count = Int64(min(try invocation.number("lines") ?? 20, 1_000))
        let first = max(0, try device.audit.size - count)
        let items = try device.audit.entries(from: first, limit: Int(max(1, count))).map(\.json)
        invocation.console.show("AuditEntryList", ["items": .array(items)]) {
            items.map { AuditText.line($0) + "\n" }.joined()
        }
        return .success
    }

    private static func export(_ log: AuditLog, to folder: String, _ invocation: Invocation) throws -> ExitCode {
        guard !LocalFile.exists(folder) else {
            throw CommandError(
                "\(folder) is there already", remedy: "name a new folder", code: "exists", exit: .conflict)
        }
        try log.publish()
        try log.export(to: folder)
        invocation.console.show("AuditExport", ["folder": .string(folder)], names: [folder]) {
            "the log is in \(folder)"
        }
        invocation.console.note("  next: aurora audit verify \(folder)")
        return .success
    }
}
