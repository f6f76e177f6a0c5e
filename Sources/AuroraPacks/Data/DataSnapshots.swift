import AuroraActivation
package import AuroraModel
package import AuroraSystem
import Glibc

/// What packs write, kept through changes of their versions: one folder per pack and schema, and copies of it in `snap/`.
///
/// A new schema gets a folder of its own, made from a copy of the old one, so that the old version finds its data as it
/// left them whatever becomes of the new one. Where a schema stays and the data may change all the same (a `migrate` hook,
/// or a pack that asks for it), a copy is put aside first and brought back by renames. Every step can be repeated after
/// an interruption, and is durable when it returns. One caller at a time, while the pack does not run.
package struct DataSnapshots: Sendable {
    let places: DevicePlaces
    let clock: WallClock

    package init(places: DevicePlaces, clock: WallClock = .system) {
        self.places = places
        self.clock = clock
    }

    /// What one generation put aside of one pack, `snap/<generation>/<pack>/`, or an operator, `snap/<word>/<pack>/`.
    struct Slot {
        let folder: String
        /// A copy that is being made.
        var building: String { "\(folder)/building" }
        /// The whole copy.
        var content: String { "\(folder)/content" }
        /// What the copy replaced when it was brought back.
        var discarded: String { "\(folder)/discarded" }
        /// The manifest of the copy in canonical bytes.
        var manifest: String { "\(folder)/manifest" }
        /// Says that the copy is whole: written last.
        var facts: String { "\(folder)/snapshot.json" }
    }

    private var forms: DataForms { DataForms(places: places) }

    func slot(_ pack: PackID, _ generation: Int) -> Slot {
        Slot(folder: "\(places.snapshots)/\(generation)/\(pack.text)")
    }

    // MARK: Before a switch

    /// Puts a copy of the data of a schema aside before `generation` may change them in place; a repeat makes the copy anew.
    ///
    /// - Parameters:
    ///   - paths: what is left out, as the manifest's `data.exclude` says.
    ///   - version: what has worked on the data.
    ///   - next: what is going to work on them.
    package func take(
        _ pack: PackID, schema: Int, before generation: Int, isMigrated: Bool, excluding paths: [PackPath] = [],
        of version: SemanticVersion? = nil, for next: SemanticVersion? = nil
    ) throws {
        try take(
            pack, schema: schema, before: generation, isMigrated: isMigrated, excluding: paths, of: version, for: next,
            into: slot(pack, generation))
    }

    /// The same into any slot.
    func take(
        _ pack: PackID, schema: Int, before generation: Int, isMigrated: Bool, excluding paths: [PackPath],
        of version: SemanticVersion?, for next: SemanticVersion? = nil, into slot: Slot
    ) throws {
        let source = places.data(of: pack, schema: schema)
        if try FileStatus.ifExists(slot.facts) != nil { try forget(slot) }
        guard try FileStatus.ifExists(source) != nil else { return }
        try copy(pack, source, into: slot, excluding: paths)
        let manifest = try Self.manifest(of: slot.building)
        try DurableFile.replace(slot.manifest, contents: manifest.canonicalBytes)
        try DurableFile.rename(slot.building, to: slot.content)
        let form = try forms.form(of: pack, schema: schema)
        let snapshot = DataSnapshot(
            pack: pack, schema: schema, generation: generation, taken: Timestamp(milliseconds: clock.now()),
            tree: manifest.digest, bytes: manifest.byteCount, isMigrated: isMigrated, excluded: paths,
            version: version, form: form,
            formInUse: isMigrated ? next.map { DataForm($0, isMigrated: true) } : form)
        try DurableFile.replace(slot.facts, contents: snapshot.json.documentBytes)
    }

    /// Makes the folder of schema `new` from a copy of the one of `old`, which stays as it is.
    ///
    /// What an earlier version left in the folder of `new` is put aside in the snapshots of `generation`.
    /// - Parameter version: what is going to work on the new folder: its form starts with that.
    package func carry(
        _ pack: PackID, from old: Int, to new: Int, for generation: Int, excluding paths: [PackPath] = [],
        version: SemanticVersion? = nil
    ) throws {
        let slot = slot(pack, generation)
        let (source, place) = (places.data(of: pack, schema: old), places.data(of: pack, schema: new))
        guard try FileStatus.ifExists(source) != nil else { return }
        try copy(pack, source, into: slot, excluding: paths)
        if try FileStatus.ifExists(place) != nil {
            try FileTree.remove(slot.discarded)
            try DurableFile.rename(place, to: slot.discarded)
        }
        try forms.set(version.map { DataForm($0) }, of: pack, schema: new)
        try DurableFile.rename(slot.building, to: place)
    }

    private func copy(_ pack: PackID, _ source: String, into slot: Slot, excluding paths: [PackPath]) throws {
        try FileTree.makeFolders(slot.folder, mode: 0o700)
        try FileTree.remove(slot.building)
        do throws(SystemError) {
            try FileTree.duplicate(from: source, to: slot.building) { path in
                paths.contains { $0.text.hasSameCodePoints(as: path) }
            }
        } catch {
            // A full disk must not be left fuller.
            try? FileTree.remove(slot.building)
            throw [EILSEQ, ENAMETOOLONG].contains(error.errno)
                ? DataRefusals.unreadable(pack, source, error) : error
        }
    }

    // MARK: On the way back

    /// Brings back what ``take(_:schema:before:isMigrated:excluding:)`` put aside; nothing put aside is fine.
    ///
    /// What is in the folder now is kept in `discarded` until the snapshot is collected.
    package func giveBack(_ pack: PackID, before generation: Int) throws { try giveBack(slot(pack, generation)) }

    /// The same from any slot.
    func giveBack(_ slot: Slot) throws {
        guard let snapshot = try snapshot(in: slot) else {
            // The copy was not whole yet, so nothing had been changed.
            return try FileTree.remove(slot.building)
        }
        let place = places.data(of: snapshot.pack, schema: snapshot.schema)
        if try FileStatus.ifExists(slot.content) != nil {
            if try FileStatus.ifExists(place) != nil {
                try FileTree.remove(slot.discarded)
                try DurableFile.rename(place, to: slot.discarded)
            }
            try forms.set(snapshot.form, of: snapshot.pack, schema: snapshot.schema)
            try DurableFile.rename(slot.content, to: place)
        }
        try move(snapshot.excluded, from: slot.discarded, to: place)
    }

    /// Takes what no copy holds from one folder to the other; what is there already stays.
    private func move(_ paths: [PackPath], from: String, to: String) throws {
        for path in paths {
            let (source, place) = ("\(from)/\(path)", "\(to)/\(path)")
            // The pack may have made anything of the folders above it, links to the host's included.
            guard try Self.hasPlainFolders(above: path, in: from), try Self.hasPlainFolders(above: path, in: to),
                try FileStatus.ifExists(source) != nil, try FileStatus.ifExists(place) == nil
            else { continue }
            try DurableFile.rename(source, to: place)
        }
    }

    /// Whether every folder above a path is there and is a folder, never a link; the pack does not run meanwhile.
    private static func hasPlainFolders(above path: PackPath, in folder: String) throws -> Bool {
        var above = folder
        for part in path.text.split(separator: "/").dropLast() {
            guard try FileStatus.ifExists(above)?.kind == .directory else { return false }
            above += "/" + part
        }
        return try FileStatus.ifExists(above)?.kind == .directory
    }

    /// The opposite of ``giveBack(_:before:)``, for a way back that was given up before its switch.
    package func putForward(_ pack: PackID, before generation: Int) throws {
        try putForward(slot(pack, generation))
    }

    /// The same from any slot.
    func putForward(_ slot: Slot) throws {
        guard let snapshot = try snapshot(in: slot) else { return }
        let place = places.data(of: snapshot.pack, schema: snapshot.schema)
        // Somebody may have removed the folder in use meanwhile: then there is nothing to keep of it.
        if try FileStatus.ifExists(slot.content) == nil, try FileStatus.ifExists(place) != nil {
            try move(snapshot.excluded, from: place, to: slot.discarded)
            try DurableFile.rename(place, to: slot.content)
        }
        if try FileStatus.ifExists(place) == nil, try FileStatus.ifExists(slot.discarded) != nil {
            try forms.set(snapshot.formInUse, of: snapshot.pack, schema: snapshot.schema)
            try DurableFile.rename(slot.discarded, to: place)
        }
    }

    // MARK: Looking

    /// What was put aside of a pack before a generation; nil when nothing was, or the copy is not whole.
    package func snapshot(of pack: PackID, before generation: Int) throws -> DataSnapshot? {
        try snapshot(in: slot(pack, generation))
    }

    /// The same of any slot.
    func snapshot(in slot: Slot) throws -> DataSnapshot? {
        guard try FileStatus.ifExists(slot.facts) != nil else { return nil }
        return try DataSnapshot(bytes: DurableFile.read(slot.facts, limit: 64 << 10))
    }

    /// All snapshots, oldest first.
    package func all() throws -> [DataSnapshot] {
        try slots().compactMap { try snapshot(of: $0.pack, before: $0.generation) }
            .sorted { ($0.generation, $0.pack) < ($1.generation, $1.pack) }
    }

    /// Reads every byte of a snapshot.
    ///
    /// - Returns: what differs from its manifest; nil when the copy has been brought back and is no more.
    package func verify(_ snapshot: DataSnapshot) throws -> TreeDiff? {
        let slot = slot(snapshot.pack, snapshot.generation)
        return try verify(snapshot, in: slot)
    }

    /// The same of any slot.
    func verify(_ snapshot: DataSnapshot, in slot: Slot) throws -> TreeDiff? {
        guard try FileStatus.ifExists(slot.content) != nil else { return nil }
        let bytes = try DurableFile.read(slot.manifest, limit: 256 << 20)
        guard Digest(hashing: bytes) == snapshot.tree, let expected = try? TreeManifest(canonicalBytes: bytes) else {
            throw DataRefusals.damaged(snapshot)
        }
        return TreeDiff(from: expected, to: try Self.manifest(of: slot.content))
    }

    static func manifest(of folder: String) throws -> TreeManifest {
        try TreeScan(root: try FileTree.open(folder), purpose: .adopt).manifest
    }
}
