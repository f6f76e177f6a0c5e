import AuroraModel
import AuroraPacks

/// `aurora pack stage`.
struct PackStaging {
    let invocation: Invocation

    func run() throws -> ExitCode {
        let sources = invocation.line.words("source") + invocation.line.values("pack").map { "packs/\($0)" }
        guard !sources.isEmpty else {
            throw CommandError.usage(
                "no pack is named", remedy: "aurora pack stage FOLDER, or aurora pack stage --pack ID")
        }
        let local = try LocalDevice(invocation)
        let staged = try local.withInstaller { installer in
            try sources.map { try installer.stage(try PackSource.at($0), by: local.actor) }
        }
        let items = staged.map(\.json)
        invocation.console.show("StagedPacks", ["items": .array(items)], names: staged.map { "\($0.id)@\($0.version)" })
        {
            staged.map(Self.line).joined()
        }
        let ids = staged.map(\.id.text).joined(separator: " ")
        invocation.console.note("  next: aurora pack dry-run \(ids), then aurora pack install \(ids)")
        return .success
    }

    private static func line(_ pack: StagedPack) -> String {
        "\(pack.id) \(pack.version)  tree \(pack.tree.short)  \(pack.entries) entries, \(ByteCount.text(pack.bytes))  "
            + "\(pack.isSealed ? "sealed" : "unsealed")  \(pack.signature.state.rawValue)\n"
    }
}
