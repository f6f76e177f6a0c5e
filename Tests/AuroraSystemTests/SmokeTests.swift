import Testing

@testable import AuroraSystem
@testable import AuroraTestSupport

@Test func `a replaced file has the new content`() throws {
    try withTemporaryDirectory { folder in
        try DurableFile.replace("\(folder)/a", contents: Array("one".utf8))
        try DurableFile.replace("\(folder)/a", contents: Array("two".utf8))
        #expect(try readText("\(folder)/a") == "two")
        #expect(try FileTree.walk(folder).map(\.path) == ["a"])
    }
}
