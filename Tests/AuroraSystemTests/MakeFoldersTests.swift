import AuroraSystem
import AuroraTestSupport
import Testing

@Suite("Folders above a folder")
struct MakeFoldersTests {
    @Test("missing folders are made with the mode, present ones keep theirs")
    func made() throws {
        try withTemporaryDirectory { (folder: String) throws -> Void in
            try DurableFile.makeDirectory("\(folder)/there", mode: 0o755)
            try FileTree.makeFolders("\(folder)/there/a/b", mode: 0o700)
            try FileTree.makeFolders("\(folder)/there/a/b", mode: 0o755)
            #expect(try FileStatus.of("\(folder)/there").mode == 0o755)
            #expect(try FileStatus.of("\(folder)/there/a").mode == 0o700)
            #expect(try FileStatus.of("\(folder)/there/a/b").mode == 0o700)
        }
    }

    @Test("a file in the way is named")
    func fileInTheWay() throws {
        try withTemporaryDirectory { (folder: String) throws -> Void in
            try DurableFile.replace("\(folder)/file", contents: [])
            let error = #expect(throws: SystemError.self) {
                try FileTree.makeFolders("\(folder)/file/a", mode: 0o700)
            }
            #expect(error?.errno == 20)
            #expect(error?.path == "\(folder)/file/a")
        }
    }
}
