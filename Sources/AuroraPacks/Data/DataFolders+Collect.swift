package import AuroraModel
import AuroraSystem

/// A pack's data of one schema.
package struct SchemaFolder: Hashable, Sendable, Comparable {
    package let pack: PackID
    package let schema: Int

    package static func < (first: Self, second: Self) -> Bool {
        (first.pack, first.schema) < (second.pack, second.schema)
    }
}

extension DataFolders {
    /// The folders of schemas that none of the `used` ones is, by pack and schema.
    ///
    /// Of a pack that is not in use, or whose used schemas have no folder, the newest stays: its software is gone, its data
    /// are the operator's.
    package func unused(besides used: Set<SchemaFolder>) throws -> [SchemaFolder] {
        try packs().flatMap { pack in
            let folders = try schemas(of: pack).map { SchemaFolder(pack: pack, schema: $0) }
            let staying = used.intersection(folders)
            return folders.filter { staying.isEmpty ? $0 != folders.last : !staying.contains($0) }
        }.sorted()
    }

    /// The packs that have data here.
    package func packs() throws -> [PackID] {
        guard try FileStatus.ifExists(places.data) != nil else { return [] }
        return try DirectoryNames.read(in: places.data).compactMap { $0.text.flatMap(PackID.init) }
    }

    /// Takes a schema's folder away; it has its whole content or is gone.
    ///
    /// - Parameter staging: a fresh folder on the same file system, which an interruption's recovery empties.
    package func remove(_ folder: SchemaFolder, through staging: String) throws {
        let aside = "\(staging)/data-\(folder.pack)-\(folder.schema)"
        try DurableFile.rename(places.data(of: folder.pack, schema: folder.schema), to: aside)
        try DataForms(places: places).set(nil, of: folder.pack, schema: folder.schema)
        try FileTree.remove(aside)
    }
}
