import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Testing

@Suite struct DataFolderTests {
    @Test("defect 45: each pack has a data folder of its own, and sees no other")
    func dataFolders() throws {
        try withTemporaryDirectory { folder in
            let places = DevicePlaces(root: folder)
            let packs = try ["one", "two"].map { try PackID.require($0) }
            let quota = FileUsage(bytes: 1_000, files: 10)
            let files = try packs.map { pack in
                try FileTree.makeFolders(places.data(of: pack, schema: 1), mode: 0o755)
                return try VirtualFileSystem(root: places.data(of: pack, schema: 1), quota: quota)
            }
            let state = try VirtualPath("/state")
            for (pack, own) in zip(packs, files) { try own.write(state, Array(pack.text.utf8)) }
            for (pack, own) in zip(packs, files) { #expect(try own.read(state) == Array(pack.text.utf8)) }
            #expect(throws: FileSystemError.self) { try files[0].read(VirtualPath("/two/1/state")) }
            #expect(throws: FileSystemError.self) { try files[0].read(VirtualPath("../../two/1/state")) }
        }
    }
}
