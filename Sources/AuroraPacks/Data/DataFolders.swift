package import AuroraModel
package import AuroraSandbox
import AuroraSystem

/// The folders that packs may write to: `data/<id>/<schema>/` and `logs/<id>/`, each for one pack alone.
package struct DataFolders: Sendable {
    let places: DevicePlaces

    package init(places: DevicePlaces) { self.places = places }

    /// Makes a pack's folders where they are missing, for its own user and nobody else; durable.
    ///
    /// Folders that are there keep their content; their owner and mode are put right.
    /// - Parameter version: what works on a folder of data that is made now; its form is written down.
    package func establish(
        _ pack: PackID, schema: Int, for identity: SandboxIdentity, version: SemanticVersion? = nil
    ) throws {
        for folder in [places.data, places.logs, "\(places.data)/\(pack.text)"] { try make(folder, 0o755, nil) }
        let data = places.data(of: pack, schema: schema)
        if let version, try FileStatus.ifExists(data) == nil {
            try DataForms(places: places).set(DataForm(version), of: pack, schema: schema)
        }
        try make(data, 0o700, identity)
        try make(places.logs(of: pack), 0o700, identity)
    }

    private func make(_ path: String, _ mode: UInt32, _ owner: SandboxIdentity?) throws {
        if try FileStatus.ifExists(path) == nil { try DurableFile.makeDirectory(path, mode: mode) }
        let folder = try FileTree.open(path)
        guard let owner else { return }
        if owner != .own { try folder.setOwner(uid: owner.uid, gid: owner.gid) }
        if try folder.stat().mode != mode { try folder.setMode(mode) }
    }

    /// The schemas a pack has data of.
    package func schemas(of pack: PackID) throws -> [Int] {
        let folder = "\(places.data)/\(pack.text)"
        guard try FileStatus.ifExists(folder) != nil else { return [] }
        return try DirectoryNames.read(in: folder).compactMap { name in
            // Only what ``DevicePlaces/data(of:schema:)`` makes.
            name.text.flatMap { Int($0) }.flatMap { $0 >= 0 && "\($0)" == name.text ? $0 : nil }
        }.sorted()
    }

    /// How many bytes the files of a pack's data of one schema have; 0 when there are none.
    ///
    /// The pack may run meanwhile.
    package func byteCount(of pack: PackID, schema: Int) throws -> Int64 {
        try FileTree.byteCount(below: places.data(of: pack, schema: schema))
    }

    /// Refuses data of which no copy can be put aside; a look before anything is stopped, so the pack may run meanwhile.
    ///
    /// - Parameters:
    ///   - paths: what the copy leaves out.
    ///   - isForChange: whether the copy is made for a version to be installed.
    /// - Throws: `Refusal` with code `data_unreadable`.
    func checkCopy(of pack: PackID, schema: Int, excluding paths: [PackPath], isForChange: Bool = true) throws {
        let folder = places.data(of: pack, schema: schema)
        guard try FileStatus.ifExists(folder) != nil else { return }
        let obstacle: SystemError?
        do throws(SystemError) {
            obstacle = try FileTree.obstacle(toDuplicating: folder) { path in
                paths.contains { $0.text.hasSameCodePoints(as: path) }
            }
        } catch {
            obstacle = error
        }
        guard let obstacle else { return }
        throw DataRefusals.unreadable(pack, folder, obstacle, isForChange: isForChange)
    }
}
