package import AuroraModel
import AuroraSystem

/// Which version made a pack's data of one schema as they are: within a schema only a `migrate` hook changes that.
///
/// It lies beside the data, `data/<id>/<schema>.form`, where the pack cannot write, and in the facts of every copy.
package struct DataForm: Hashable, Sendable {
    /// The version whose hook last began to work on them; else the one that the folder was made for.
    package let version: SemanticVersion
    /// Whether it was a hook within the schema, so that versions before cannot read what is there.
    package let isMigrated: Bool

    package init(_ version: SemanticVersion, isMigrated: Bool = false) {
        self.version = version
        self.isMigrated = isMigrated
    }

    var json: JSONValue { ["version": .string("\(version)"), "migrated": .bool(isMigrated)] }

    init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        version = try reader.parsed("version", expected: "a semantic version") { SemanticVersion($0) }
        isMigrated = try reader.bool("migrated")
        try reader.finish()
    }
}

/// The forms of the data that lie in a device's `data` folder.
struct DataForms {
    let places: DevicePlaces

    private static let format = "aurora-data-form-v1"

    private func place(_ pack: PackID, _ schema: Int) -> String { places.data(of: pack, schema: schema) + ".form" }

    /// The form of the data in use of a schema; nil where nobody wrote it down.
    func form(of pack: PackID, schema: Int) throws -> DataForm? {
        let path = place(pack, schema)
        guard try FileStatus.ifExists(path) != nil else { return nil }
        var reader = try JSONReader(try JSONParser.parse(DurableFile.read(path, limit: 64 << 10)))
        _ = try reader.parsed("format", expected: Self.format) { $0 == Self.format ? $0 : nil }
        let form = try DataForm(try reader.reader("form"))
        try reader.finish()
        return form
    }

    /// Writes it down, durably; nil says that nobody knows.
    ///
    /// Before a folder is renamed to its place, so that a kill never leaves data under the form of others.
    func set(_ form: DataForm?, of pack: PackID, schema: Int) throws {
        let path = place(pack, schema)
        guard let form else {
            guard try FileStatus.ifExists(path) != nil else { return }
            return try DurableFile.remove(path)
        }
        // What a kill left of an earlier one; nobody else writes here meanwhile.
        try DurableFile.removeLeftovers(in: "\(places.data)/\(pack.text)")
        let document: JSONValue = ["format": .string(Self.format), "form": form.json]
        try DurableFile.replace(path, contents: document.documentBytes)
    }
}

extension DataSnapshot {
    /// Whether a version reads these data: those it worked on itself, those of the form it works on now, and those that it
    /// takes over without a hook.
    ///
    /// - Parameters:
    ///   - hasHook: whether that version would run a hook on data of another one.
    ///   - used: the form of the data it works on.
    func isReadable(by reader: SemanticVersion, hasHook: Bool, workingOn used: DataForm?) -> Bool {
        // A copy of an older Aurora says no more than that.
        guard let writer = version ?? form?.version else { return !isMigrated }
        if let form, form == used { return true }
        if (form?.version ?? writer) > reader { return false }
        if writer == reader { return true }
        if hasHook { return false }
        // A hook in between has run on what the version works on.
        guard let used, used.isMigrated else { return true }
        return !(writer < used.version && used.version <= reader)
    }
}
