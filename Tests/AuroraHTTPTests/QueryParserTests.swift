import Testing

@testable import AuroraHTTP

@Suite struct QueryParserTests {
    @Test("a query is decoded once, with + as a blank and repeated names kept (defect 27)")
    func decodesOnce() throws {
        let items = try QueryParser.parse("target=my%20box&a=1+2&a=%2525&flag&x=")
        #expect(
            items == [
                QueryItem("target", "my box"), QueryItem("a", "1 2"), QueryItem("a", "%25"), QueryItem("flag", ""),
                QueryItem("x", ""),
            ])
    }

    @Test("a broken or unsafe query is refused", arguments: ["a=%", "a=%2", "a=%zz", "a=%00", "a=%ff", "%c0%af=1"])
    func refusesBroken(query: String) {
        #expect(throws: TransportRefusal.self) { try QueryParser.parse(query) }
    }
}
