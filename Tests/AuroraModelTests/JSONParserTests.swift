import AuroraModel
import Testing

/// Cases in the manner of JSONTestSuite (names: y accepted, n refused, i decided here), as S-27 asks.
@Suite("S-27 strict JSON")
struct JSONParserTests {
    struct Case: CustomTestStringConvertible {
        let text: [UInt8]
        let rule: JSONError.Rule?
        init(_ text: String, _ rule: JSONError.Rule? = nil) { self.init(Array(text.utf8), rule) }
        init(_ text: [UInt8], _ rule: JSONError.Rule? = nil) {
            self.text = text
            self.rule = rule
        }
        var testDescription: String { String(decoding: text.prefix(40), as: UTF8.self).debugDescription }
    }

    static let accepted: [Case] = [
        Case("null"), Case("true"), Case(" false "), Case("0"), Case("-0"), Case("-1"), Case("123"), Case("\"\""),
        Case("\"a\""), Case("[]"), Case("{}"), Case("[ ]"), Case("[[]   ]"), Case("[null, 1, \"1\", {}]"),
        Case("[\"\\u0060\\u012a\\u12AB\"]"), Case("[\"\\uD801\\udc37\"]"), Case("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
        Case("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"), Case("[\"\\\\u0000\"]"), Case("[\"\\u0000\"]"), Case("[\"\u{7F}\"]"),
        Case("[\"\u{2028}\u{2029}\"]"), Case("[\"€𝄞\"]"), Case("[\"a/*b*/c\"]"), Case("[\"\u{FFFF}\"]"),
        Case("[\"\\uFFFE\"]"), Case("{\"\":0}"), Case("{\"a\":[]}"), Case("{\"foo\\u0000bar\": 42}"),
        Case("{\"\u{E9}\":1,\"e\u{301}\":2}"), Case("\t\n\r [1]\n"), Case("9223372036854775807"),
        Case("-9223372036854775808"), Case(String(repeating: "[", count: 64) + String(repeating: "]", count: 64)),
    ]

    static let refused: [Case] = [
        Case("", .unexpectedEnd), Case(" ", .unexpectedEnd), Case("[", .unexpectedEnd), Case("[1", .unexpectedEnd),
        Case("[1,", .unexpectedEnd), Case("{", .unexpectedEnd), Case("{\"a\"", .unexpectedEnd),
        Case("{\"a\":", .unexpectedEnd), Case("\"abc", .unexpectedEnd), Case("\"\\", .unexpectedEnd),
        Case("nul", .unexpectedEnd), Case("tru", .unexpectedEnd), Case("[\"\\u00A", .badEscape),
        Case("[1 true]", .unexpectedCharacter), Case("[a]", .unexpectedCharacter), Case("[,1]", .unexpectedCharacter),
        Case("[1,,2]", .unexpectedCharacter), Case("[1,]", .unexpectedCharacter), Case("[\"x\"]]", .trailingData),
        Case("[1]x", .trailingData), Case("1 2", .trailingData), Case("{}}", .trailingData),
        Case("[][]", .trailingData),
        Case("{\"a\":1,}", .unexpectedCharacter), Case("{,}", .unexpectedCharacter),
        Case("{\"a\" 1}", .unexpectedCharacter), Case("{\"a\"::1}", .unexpectedCharacter),
        Case("{a: 1}", .unexpectedCharacter), Case("{1:1}", .unexpectedCharacter),
        Case("{'a':0}", .unexpectedCharacter),
        Case("{\"a\":1 \"b\":2}", .unexpectedCharacter), Case("['a']", .unexpectedCharacter),
        Case("[1:2]", .unexpectedCharacter), Case("*", .unexpectedCharacter), Case("<null>", .unexpectedCharacter),
        Case("True", .unexpectedCharacter), Case("nulL", .unexpectedCharacter), Case("NaN", .unexpectedCharacter),
        Case("Infinity", .unexpectedCharacter), Case("-Infinity", .badNumber), Case("-NaN", .badNumber),
        Case("[1]//", .trailingData), Case("/**/1", .unexpectedCharacter), Case("#1", .unexpectedCharacter),
        Case("+1", .unexpectedCharacter), Case(".5", .unexpectedCharacter), Case("01", .badNumber),
        Case("-01", .badNumber), Case("00", .badNumber), Case("-", .badNumber), Case("--1", .badNumber),
        Case("1.", .badNumber), Case("1.e1", .badNumber), Case("1e", .badNumber), Case("1e+", .badNumber),
        Case("0x1", .trailingData), Case("1_000", .trailingData), Case("1a", .trailingData),
        Case("[１]", .unexpectedCharacter), Case("1.5", .fraction), Case("1e2", .fraction), Case("0.0", .fraction),
        Case("9223372036854775808", .numberOutOfRange), Case("-9223372036854775809", .numberOutOfRange),
        Case(String(repeating: "9", count: 1025), .numberOutOfRange),
        Case("\"\\a\"", .badEscape), Case("\"\\x00\"", .badEscape), Case("\"\\U0041\"", .badEscape),
        Case("\"\\uqqqq\"", .badEscape), Case("\"\\u12\"", .badEscape), Case("\"\\'\"", .badEscape),
        Case("\"\\uD800\"", .loneSurrogate), Case("\"\\uDC00\"", .loneSurrogate),
        Case("\"\\uD800\\uD800\"", .loneSurrogate), Case("\"\\uD800x\"", .loneSurrogate),
        Case("\"\\uD800\\n\"", .loneSurrogate), Case("\"\\uDd1e\\uD834\"", .loneSurrogate),
        Case("\"a\nb\"", .controlCharacter), Case("\"\t\"", .controlCharacter), Case("\"\0\"", .controlCharacter),
        Case("\u{FEFF}{}", .unexpectedCharacter), Case("[1]\u{0C}", .trailingData),
        Case("\u{A0}1", .unexpectedCharacter),
        Case([0x22, 0xFF, 0x22], .invalidUTF8), Case([0x22, 0xC0, 0x80, 0x22], .invalidUTF8),
        Case([0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8), Case([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .invalidUTF8),
        Case([0x22, 0xE2, 0x82, 0x22], .invalidUTF8), Case([0x5B, 0xFF, 0x5D], .unexpectedCharacter),
        Case([0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00], .unexpectedCharacter), Case([0x31, 0x00], .trailingData),
        Case("{\"a\":1,\"a\":2}", .duplicateKey), Case("{\"a\":1,\"\\u0061\":2}", .duplicateKey),
        Case("{\"a\":1,\"b\":{\"c\":1,\"c\":1}}", .duplicateKey), Case("{\"\":1,\"\":1}", .duplicateKey),
        Case(String(repeating: "[", count: 65) + String(repeating: "]", count: 65), .tooDeep),
        Case(String(repeating: "[", count: 100_000), .tooDeep),
        Case(String(repeating: "{\"a\":", count: 100_000), .tooDeep),
        Case(Array(repeating: 0x20, count: 1_048_577), .tooLarge),
    ]

    @Test("what the standard allows is read and written back to the same value", arguments: accepted)
    func accepts(_ item: Case) throws {
        let value = try JSONParser.parse(item.text)
        #expect(try JSONParser.parse(value.documentBytes) == value)
        #expect(try JSONParser.parse(value.compactBytes) == value)
        #expect(try JSONParser.parse(value.prettyBytes) == value)
    }

    @Test("everything else is refused by the rule it breaks", arguments: refused)
    func refuses(_ item: Case) throws {
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(item.text) }
        #expect(error.rule == item.rule)
        #expect(error.offset >= 0 && error.offset <= item.text.count)
    }

    @Test("a duplicate among many keys is found, and ten megabytes of digits cost nothing")
    func large() throws {
        let members = (0..<5000).map { "\"k\($0)\":\($0)" }
        let fine = "{" + members.joined(separator: ",") + "}"
        #expect(try JSONParser.parse(fine).object?.count == 5000)
        let twice = "{" + (members + ["\"k17\":1"]).joined(separator: ",") + "}"
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(twice) }
        #expect(error.rule == .duplicateKey)
        let digits = Array(repeating: UInt8(ascii: "7"), count: 10_000_000)
        let long = try #require(throws: JSONError.self) { try JSONParser.parse(digits, maximumBytes: 20_000_000) }
        #expect(long.rule == .numberOutOfRange)
        let capped = try #require(throws: JSONError.self) { try JSONParser.parse(digits) }
        #expect(capped.rule == .tooLarge)
    }

    @Test("fractions are read only when asked for, and never in canonical form")
    func fractions() throws {
        let value = try JSONParser.parse(Array("[1.5, 1e3, -0.25]".utf8), allowsFractions: true)
        #expect(value[0] == .double(1.5))
        #expect(value[1] == .double(1000))
        #expect(throws: JSONError.self) { try value.canonicalBytes() }
        #expect(throws: JSONError.self) { try JSONParser.parse(Array("1e999".utf8), allowsFractions: true) }
    }

    @Test("a document cut at any byte, or with any byte replaced, is refused or read, never worse")
    func mutations() throws {
        let document = Array("{\"a\":[1,-2,true,null],\"b\\u00e9\":\"x\\ud83d\\ude00\",\"c\":{\"d\":\"\"}}".utf8)
        for cut in 0..<document.count {
            #expect(throws: JSONError.self) { try JSONParser.parse(Array(document.prefix(cut))) }
        }
        for place in document.indices {
            for byte in [UInt8(0), 0x22, 0x5C, 0x7B, 0x80, 0xC3, 0xFF] {
                var changed = document
                changed[place] = byte
                if let value = try? JSONParser.parse(changed) {
                    #expect(try JSONParser.parse(value.documentBytes) == value)
                }
            }
        }
    }
}
