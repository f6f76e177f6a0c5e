import AuroraModel
import AuroraRuntime
import AuroraSystem

/// What operators put aside, which no generation did: the copy for an export, and data that others were put in place of.
extension DataSnapshots {
    /// The folder below `snap/` that it lies in.
    enum Word: String, CaseIterable {
        /// Copies that archives are written from, each of one process.
        case exported
        /// What shall become the pack's data, until the change that puts it in place has begun.
        case incoming
        /// Before the renames the same, after them in `discarded` what was there.
        case replaced
    }

    func slot(_ pack: PackID, _ word: Word) -> Slot {
        Slot(folder: "\(places.snapshots)/\(word.rawValue)/\(pack.text)")
    }

    /// Where a process puts the copy that it writes an archive of a pack's data from.
    func exportSlot(_ pack: PackID, of owner: RunOwner) -> Slot {
        Slot(folder: "\(places.snapshots)/\(Word.exported.rawValue)/\(pack.text)@\(Self.name(of: owner))")
    }

    private static func name(of owner: RunOwner) -> String {
        String(owner.text.map { $0 == " " ? "." : $0 })
    }

    /// The copies for archives whose process is gone.
    func abandonedExports() throws -> [Slot] {
        let folder = "\(places.snapshots)/\(Word.exported.rawValue)"
        guard try FileStatus.ifExists(folder) != nil else { return [] }
        return try DirectoryNames.read(in: folder).compactMap(\.text).filter { name in
            let owner = name.split(separator: "@").last.map { String($0.map { $0 == "." ? " " : $0 }) }
            return !RunOwner.isAlive(RunOwner(text: owner ?? ""))
        }.map { Slot(folder: "\(folder)/\($0)") }
    }

    /// The packs of which something lies there.
    func packs(_ word: Word) throws -> [PackID] {
        let folder = "\(places.snapshots)/\(word.rawValue)"
        guard try FileStatus.ifExists(folder) != nil else { return [] }
        return try DirectoryNames.read(in: folder).compactMap { $0.text.flatMap(PackID.init) }
    }

    /// Lets what came in take the place of what the last change of the pack's data kept; nothing that came in is fine.
    func admit(_ pack: PackID) throws {
        let (incoming, replaced) = (slot(pack, .incoming), slot(pack, .replaced))
        guard try FileStatus.ifExists(incoming.folder) != nil else { return }
        try forget(replaced)
        try FileTree.makeFolders("\(places.snapshots)/\(Word.replaced.rawValue)", mode: 0o700)
        try DurableFile.rename(incoming.folder, to: replaced.folder)
    }

    /// Makes a tree what ``giveBack(_:)`` brings into place; what the slot held before is gone.
    ///
    /// - Parameter tree: a whole, durable tree on the same file system, which moves away.
    func keep(_ tree: String, _ snapshot: DataSnapshot, manifest: [UInt8], in slot: Slot) throws {
        try forget(slot)
        try FileTree.makeFolders(slot.folder, mode: 0o700)
        try DurableFile.rename(tree, to: slot.content)
        try DurableFile.replace(slot.manifest, contents: manifest)
        try DurableFile.replace(slot.facts, contents: snapshot.json.documentBytes)
    }

    /// What was put in place of a pack's data, if the way back from that is still there.
    func replacement(of pack: PackID) throws -> DataSnapshot? {
        let slot = slot(pack, .replaced)
        guard let snapshot = try snapshot(in: slot), try FileStatus.ifExists(slot.content) == nil,
            try FileStatus.ifExists(slot.discarded) != nil
        else { return nil }
        return snapshot
    }
}
