import AuroraModel
import Testing

@Suite("Canonical JSON")
struct JSONEncodingTests {
    private func canonical(_ value: JSONValue) throws -> String {
        String(decoding: try value.canonicalBytes(), as: UTF8.self)
    }

    @Test("keys are sorted by code point, which is not the order of UTF-16")
    func order() throws {
        let value: JSONValue = ["b": 1, "a": 2, "\u{FF61}": 3, "\u{1F600}": 4, "A": 5, "": 6, "aa": 7]
        #expect(try canonical(value) == "{\"\":6,\"A\":5,\"a\":2,\"aa\":7,\"b\":1,\"\u{FF61}\":3,\"\u{1F600}\":4}")
    }

    @Test("only quote and backslash are escaped; control characters stand raw, as TUF signs them")
    func escapes() throws {
        #expect(try canonical("a\"b\\c/\n\u{1}é") == "\"a\\\"b\\\\c/\n\u{1}é\"")
    }

    @Test("Aurora's own documents escape control characters and are the same bytes otherwise")
    func documents() throws {
        let plain: JSONValue = ["x": ["é", 1, true, nil], "a": -5]
        #expect(plain.documentBytes == (try plain.canonicalBytes()))
        let controls: JSONValue = .string("a\n\u{1F}\u{7F}")
        #expect(String(decoding: controls.documentBytes, as: UTF8.self) == "\"a\\u000a\\u001f\u{7F}\"")
    }

    @Test("no normalisation: composed and decomposed keys stay two keys, in their order")
    func normalisation() throws {
        let value = try JSONParser.parse("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{E9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(value.object?.count == 2)
        #expect(try canonical(value).utf8.elementsEqual("{\"e\u{301}\":2,\"\u{E9}\":1}".utf8))
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
    }

    @Test("pretty and compact forms keep the order of the members")
    func forPeople() {
        let value: JSONValue = ["b": [1, 2], "a": [:], "c": []]
        #expect("\(value)" == "{\"b\":[1,2],\"a\":{},\"c\":[]}")
        let pretty = "{\n  \"b\": [\n    1,\n    2\n  ],\n  \"a\": {},\n  \"c\": []\n}\n"
        #expect(String(decoding: value.prettyBytes, as: UTF8.self) == pretty)
    }

    @Test("objects are equal in whatever order, and setting nil removes")
    func objects() {
        #expect((["a": 1, "b": 2] as JSONValue) == ["b": 2, "a": 1])
        #expect((["a": 1] as JSONValue) != ["a": 1, "b": 2])
        var object: JSONObject = ["a": 1, "b": 2]
        object["a"] = nil
        object["c"] = 3
        object["b"] = 4
        #expect(object.keys == ["b", "c"])
        #expect(object["b"] == 4)
        #expect(Set([JSONValue.object(object), ["c": 3, "b": 4]]).count == 1)
    }

    @Test("a reader names the path of every mistake and refuses what nobody asked for")
    func reader() throws {
        let value = try JSONParser.parse("{\"a\":{\"n\":\"x\",\"list\":[{\"k\":1},{\"k\":\"no\"}]},\"b\":null}")
        var root = try JSONReader(value)
        var a = try root.reader("a")
        #expect(try root.optionalString("b") == nil)
        func problem(_ body: () throws -> some Any) -> String {
            do {
                _ = try body()
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(problem { try a.integer("n") } == "a.n must be an integer, not a string")
        #expect(problem { try root.string("c") } == "c is missing")
        let items = try a.readers("list")
        var second = items[1]
        #expect(problem { try second.integer("k") } == "a.list[1].k must be an integer, not a string")
        var first = items[0]
        #expect(problem { try first.integer("k", in: 2...3) } == "a.list[0].k is 1, but must be from 2 to 3")
        #expect(problem { try first.finish() } == "none")
        let untouched = try JSONReader(["odd": 1])
        #expect(problem { try untouched.finish() }.hasPrefix("odd is not a known member"))
        #expect(problem { try JSONReader("text") } == "the document must be an object, not a string")
    }
}
