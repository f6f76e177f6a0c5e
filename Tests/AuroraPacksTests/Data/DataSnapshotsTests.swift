import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// Every step of putting data aside and bringing them back, stopped after any rename and done again.
@Suite struct DataSnapshotsTests {
    private struct Place {
        let snapshots: DataSnapshots
        let id: PackID
        let data: String
        let slot: String

        func text() throws -> String? {
            try FileStatus.ifExists("\(data)/state") == nil ? nil : try readText("\(data)/state")
        }
    }

    private func with(_ body: (Place) throws -> Void) throws {
        try withTemporaryDirectory { root in
            let places = DevicePlaces(root: root)
            let id = try #require(PackID("a"))
            let place = Place(
                snapshots: DataSnapshots(places: places, clock: .fixed(1)), id: id,
                data: places.data(of: id, schema: 1), slot: "\(places.snapshots)/7/a")
            try write("old", to: "\(place.data)/state")
            try body(place)
        }
    }

    @Test("a copy that is not whole does not count, and is removed on the way back")
    func halfCopy() throws {
        try with { place in
            try write("ol", to: "\(place.slot)/building/state")
            try place.snapshots.giveBack(place.id, before: 7)
            #expect(try place.text() == "old")
            #expect(try FileStatus.ifExists("\(place.slot)/building") == nil)
        }
    }

    @Test("bringing back goes on from wherever it was stopped, and comes to the same end again and again")
    func giveBack() throws {
        for steps in 0...2 {
            try with { place in
                try place.snapshots.take(place.id, schema: 1, before: 7, isMigrated: true)
                try write("new", to: "\(place.data)/state")
                if steps > 0 { try DurableFile.rename(place.data, to: "\(place.slot)/discarded") }
                if steps > 1 { try DurableFile.rename("\(place.slot)/content", to: place.data) }
                for _ in 0..<3 { try place.snapshots.giveBack(place.id, before: 7) }
                #expect(try place.text() == "old")
                #expect(try readText("\(place.slot)/discarded/state") == "new")
            }
        }
    }

    @Test("the form is that of the data in use wherever bringing back, or giving that up, was stopped")
    func forms() throws {
        let (one, two) = (try #require(SemanticVersion("1.0.0")), try #require(SemanticVersion("2.0.0")))
        for steps in 0...3 {
            try with { place in
                let forms = DataForms(places: place.snapshots.places)
                func form() throws -> DataForm? { try forms.form(of: place.id, schema: 1) }
                func set(_ form: DataForm) throws { try forms.set(form, of: place.id, schema: 1) }
                let (old, new) = (DataForm(one), DataForm(two, isMigrated: true))
                try set(old)
                try place.snapshots.take(place.id, schema: 1, before: 7, isMigrated: true, of: one, for: two)
                try set(new)
                if steps > 0 { try DurableFile.rename(place.data, to: "\(place.slot)/discarded") }
                if steps > 1 { try set(old) }
                if steps > 2 { try DurableFile.rename("\(place.slot)/content", to: place.data) }
                for _ in 0..<2 { try place.snapshots.giveBack(place.id, before: 7) }
                #expect(try form() == old)
                if steps > 0 { try DurableFile.rename(place.data, to: "\(place.slot)/content") }
                if steps > 1 { try set(new) }
                if steps > 2 { try DurableFile.rename("\(place.slot)/discarded", to: place.data) }
                for _ in 0..<2 { try place.snapshots.putForward(place.id, before: 7) }
                #expect(try form() == new)
            }
        }
    }

    @Test("a way back that is given up is undone from wherever it was stopped")
    func putForward() throws {
        for steps in 0...3 {
            try with { place in
                try place.snapshots.take(place.id, schema: 1, before: 7, isMigrated: true)
                try write("new", to: "\(place.data)/state")
                if steps > 0 { try DurableFile.rename(place.data, to: "\(place.slot)/discarded") }
                if steps > 1 { try DurableFile.rename("\(place.slot)/content", to: place.data) }
                if steps > 2 { try DurableFile.rename(place.data, to: "\(place.slot)/content") }
                for _ in 0..<3 { try place.snapshots.putForward(place.id, before: 7) }
                #expect(try place.text() == "new")
                try place.snapshots.giveBack(place.id, before: 7)
                #expect(try place.text() == "old")
            }
        }
    }

    @Test("what is excluded stays with the folder in use, forth and back, wherever it was stopped")
    func excluded() throws {
        for steps in 0...2 {
            try with { place in
                let cache = try #require(PackPath("cache"))
                try write("one", to: "\(place.data)/cache/big")
                try place.snapshots.take(place.id, schema: 1, before: 7, isMigrated: true, excluding: [cache])
                try write("new", to: "\(place.data)/state")
                try write("two", to: "\(place.data)/cache/big")
                if steps > 0 { try DurableFile.rename(place.data, to: "\(place.slot)/discarded") }
                if steps > 1 { try DurableFile.rename("\(place.slot)/content", to: place.data) }
                for _ in 0..<2 { try place.snapshots.giveBack(place.id, before: 7) }
                #expect(try place.text() == "old")
                #expect(try readText("\(place.data)/cache/big") == "two")
                for _ in 0..<2 { try place.snapshots.putForward(place.id, before: 7) }
                #expect(try place.text() == "new")
                #expect(try readText("\(place.data)/cache/big") == "two")
            }
        }
    }

    @Test("a pack that makes a link of a folder above what is excluded moves nothing of the host")
    func excludedBehindLink() throws {
        try with { place in
            let file = try #require(PackPath("deep/big"))
            try write("one", to: "\(place.data)/deep/big")
            try place.snapshots.take(place.id, schema: 1, before: 7, isMigrated: true, excluding: [file])
            let outside = "\(place.slot)/../../../outside"
            try write("host", to: "\(outside)/big")
            try FileTree.remove("\(place.data)/deep")
            try DurableFile.symlink(outside, at: "\(place.data)/deep")
            try place.snapshots.giveBack(place.id, before: 7)
            #expect(try readText("\(outside)/big") == "host")
            #expect(try FileStatus.ifExists("\(place.data)/deep/big") == nil)
        }
    }

    @Test("data go with their owners, modes and links; sockets and what is excluded stay behind")
    func whole() throws {
        try with { place in
            try write("secret", to: "\(place.data)/deep/key", mode: 0o600)
            try write("x", to: "\(place.data)/cache/big")
            try DurableFile.symlink("key", at: "\(place.data)/deep/link")
            let excluded = try #require(PackPath("cache"))
            try place.snapshots.carry(place.id, from: 1, to: 2, for: 7, excluding: [excluded])
            let copy = place.data.dropLast() + "2"
            #expect(try FileTree.walk(String(copy)).map(\.path) == ["deep", "deep/key", "deep/link", "state"])
            #expect(try FileStatus.of("\(copy)/deep/key").mode == 0o600)
            #expect(try place.text() == "old")
        }
    }

    @Test("what an earlier attempt left in the new schema's folder is put aside, never mixed in")
    func leftovers() throws {
        try with { place in
            let new = place.data.dropLast() + "2"
            try write("stale", to: "\(new)/rubbish")
            try place.snapshots.carry(place.id, from: 1, to: 2, for: 7)
            #expect(try FileTree.walk(String(new)).map(\.path) == ["state"])
            #expect(try readText("\(place.slot)/discarded/rubbish") == "stale")
        }
    }
}
