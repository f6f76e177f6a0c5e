import AuroraAudit
package import AuroraModel
package import AuroraSandbox
import AuroraSystem
package import AuroraTrust
import Glibc

extension Device {
    /// Most files that are read from ``DevicePlaces/waivers``, in the order of their names.
    private static let mostWaivers = 1000

    /// Takes in a waiver that an operator has signed: first the entry in the log, then the file that makes it count.
    ///
    /// - Returns: the path of the file, one for each pack and layer; an older waiver of the two is replaced.
    package func keep(_ waiver: LayerWaiver, signed envelope: Envelope, by actor: Actor) throws -> String {
        try FileTree.makeFolders(places.waivers, mode: 0o755)
        try audit.record(
            AuditEntry(
                time: Timestamp(milliseconds: clock.now()), actor: actor, action: AuditAct.packWaive.rawValue,
                subject: waiver.pack.text, reason: waiver.reason,
                details: [
                    ("layer", waiver.layer), ("operator", waiver.operatorName.text),
                    ("until", waiver.notAfter.rfc3339),
                ]))
        let file = "\(places.waivers)/\(waiver.pack)-\(waiver.layer).json"
        try DurableFile.replace(file, contents: envelope.json.documentBytes, mode: 0o644)
        return file
    }

    /// Sandbox layers that an operator has waived for a pack here, and what to show for each.
    ///
    /// Read anew each time, so that a waiver that is taken away or runs out counts no more at the next start of the pack. A
    /// file that is no waiver by one of the device's operators counts for nothing (`WaivedLayers`).
    ///
    /// - Throws: `SystemError` when the machine keeps one from being read: nobody knows then whether it counts.
    package func waived(for pack: PackID) throws -> [SandboxLayer: String] {
        guard try FileStatus.ifExists(places.waivers)?.kind == .directory else { return [:] }
        let names = try DirectoryNames.read(in: places.waivers).compactMap(\.text).filter { $0.hasSuffix(".json") }
        let envelopes = try names.sorted().prefix(Self.mostWaivers).compactMap(envelope)
        let operators = Dictionary(
            configuration.operators.map { ($0.name, $0.keys) }, uniquingKeysWith: { $0 + $1 })
        return WaivedLayers.waived(
            for: pack, on: configuration.target.text, by: envelopes, operators: operators,
            at: Timestamp(milliseconds: clock.now()))
    }

    /// What a file among the waivers holds; nil for what is none.
    private func envelope(_ name: String) throws -> Envelope? {
        let bytes: [UInt8]
        do {
            bytes = try DurableFile.read("\(places.waivers)/\(name)", limit: Envelope.largest)
        } catch {
            guard [ENOENT, ELOOP, EFBIG, EISDIR].contains(error.errno) else { throw error }
            return nil
        }
        return try? Envelope(parsing: bytes)
    }
}
