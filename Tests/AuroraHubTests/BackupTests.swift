import AuroraHTTP
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

@Suite("What a backup is worth")
struct BackupTests {
    /// The stored file of an artifact below a state folder or a backup.
    private func blob(_ folder: String, _ digest: String) -> String {
        "\(folder)/blobs/sha256/\(digest.prefix(2))/\(digest)"
    }

    /// Changes one bit of a file, in a copy of its own: a hard link would change with it.
    private func damage(_ path: String) throws {
        var bytes = try DurableFile.read(path)
        bytes[bytes.count / 2] ^= 1
        try DurableFile.replace(path, contents: bytes, mode: 0o400)
    }

    private func error(_ body: () throws -> [String]) -> String {
        do { return try body().joined() } catch { return "\(error)" }
    }

    @Test("a backup reads every artifact again, and one that is damaged or gone stops it, by its name")
    func damagedArtifact() throws {
        try withHub { hub in
            let digest = try hub.staged("1", token: try hub.person("rel", .release))
            let state = hub.folder + "/state"
            let whole = try DurableFile.read(blob(state, digest))
            try damage(blob(state, digest))
            let damaged = error { try HubMaintenance.backup(state: state, to: hub.folder + "/backup") }
            #expect(damaged.contains(digest) && damaged.contains("no longer holds its bytes"), "\(damaged)")
            try FileTree.remove(blob(state, digest))
            let gone = error { try HubMaintenance.backup(state: state, to: hub.folder + "/backup") }
            #expect(gone.contains(digest) && gone.contains("not among"), "\(gone)")
            #expect(try FileStatus.ifExists(hub.folder + "/backup") == nil)
            #expect(try FileStatus.ifExists(hub.folder + "/backup.partial") == nil)
            try DurableFile.replace(blob(state, digest), contents: whole, mode: 0o400)
            let words = try HubMaintenance.backup(state: state, to: hub.folder + "/backup")
            #expect(words.contains("artifacts: 1, verified"), "\(words)")
        }
    }

    @Test("a backup with a damaged artifact is not restored")
    func damagedBackup() throws {
        try withHub { hub in
            let digest = try hub.staged("1", token: try hub.person("rel", .release))
            let backup = hub.folder + "/backup"
            _ = try HubMaintenance.backup(state: hub.folder + "/state", to: backup)
            try damage(blob(backup, digest))
            let words = error { try HubMaintenance.restore(backup: backup, to: hub.folder + "/second") }
            #expect(words.contains(digest), "\(words)")
            #expect(try FileStatus.ifExists(hub.folder + "/second") == nil)
            #expect(try FileStatus.ifExists(hub.folder + "/second.partial") == nil)
        }
    }

    @Test("a folder of the name a backup is made under is somebody else's and stays")
    func foreignFolder() throws {
        try withHub { hub in
            let (state, backup) = (hub.folder + "/state", hub.folder + "/backup")
            try write("mine", to: backup + ".partial/notes")
            let words = error { try HubMaintenance.backup(state: state, to: backup) }
            #expect(words.contains("backup.partial exists"), "\(words)")
            #expect(try readText(backup + ".partial/notes") == "mine")
            try FileTree.remove(backup + ".partial")
            _ = try HubMaintenance.backup(state: state, to: backup)
            try write("mine", to: hub.folder + "/second.partial/notes")
            #expect(throws: HubStartError.self) {
                try HubMaintenance.restore(backup: backup, to: hub.folder + "/second")
            }
            #expect(try readText(hub.folder + "/second.partial/notes") == "mine")
        }
    }

    /// What somebody else makes at the destination of a copy, given its path.
    private static let arrivals: [String: @Sendable (String) throws -> Void] = [
        "a folder with a file": { try write("mine", to: $0 + "/notes") },
        "a file": { try write("mine", to: $0) },
        "a link": { try DurableFile.symlink("elsewhere", at: $0) },
    ]

    @Test(
        "what appears at the destination while a copy is made is left as it is, and the copy is given up",
        arguments: arrivals.keys.sorted())
    func lateArrival(_ kind: String) throws {
        try withTemporaryDirectory { folder in
            let destination = folder + "/state"
            let arrive = try #require(Self.arrivals[kind])
            let words = error {
                try HubMaintenance.appear(at: destination) { partial in
                    try write("a copy", to: partial + "/hub.db")
                    try arrive(destination)
                    return []
                }
            }
            #expect(words.contains("\(destination) that is not an empty folder"), "\(words)")
            #expect(try FileStatus.ifExists(destination + ".partial") == nil)
            switch kind {
            case "a folder with a file":
                #expect(try DirectoryNames.read(in: destination).compactMap(\.text) == ["notes"])
                #expect(try readText(destination + "/notes") == "mine")
            case "a file": #expect(try readText(destination) == "mine")
            default: #expect(try FileTree.readLink(destination) == "elsewhere")
            }
        }
    }

    @Test("a restore takes an empty folder, and neither a file nor a link to a folder")
    func whereToRestore() throws {
        try withHub { hub in
            let (backup, second) = (hub.folder + "/backup", hub.folder + "/second")
            _ = try HubMaintenance.backup(state: hub.folder + "/state", to: backup)
            try DurableFile.makeDirectory(second)
            try DurableFile.symlink(second, at: hub.folder + "/link")
            try write("mine", to: hub.folder + "/file")
            for place in ["/link", "/file"] {
                let words = error { try HubMaintenance.restore(backup: backup, to: hub.folder + place) }
                #expect(words.contains("not an empty folder"), "\(place): \(words)")
            }
            #expect(try FileTree.readLink(hub.folder + "/link") == second)
            #expect(try readText(hub.folder + "/file") == "mine")
            _ = try HubMaintenance.restore(backup: backup, to: second)
            #expect(try FileStatus.ifExists(second + "/hub.db") != nil)
        }
    }

    @Test("a destination may end with a slash, as completion writes it")
    func finalSlash() throws {
        try withHub { hub in
            let (backup, second) = (hub.folder + "/backup", hub.folder + "/second")
            _ = try HubMaintenance.backup(state: hub.folder + "/state/", to: backup + "/")
            #expect(try FileStatus.ifExists(backup + "/backup.json") != nil)
            _ = try HubMaintenance.restore(backup: backup + "/", to: second + "//")
            #expect(try FileStatus.ifExists(second + "/hub.db") != nil)
        }
    }
}
