import AuroraModel
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test("names are safe as one path component and one log line")
    func names() {
        for text in ["gateway", "a", "0-a_b.c", String(repeating: "a", count: 64)] {
            #expect(TargetName(text)?.text == text)
        }
        for text in [
            "", ".", "..", "-a", "_a", "a/b", "../x", "a b", "A", "é", "a\n", "a\0", "a@b",
            String(repeating: "a", count: 65),
        ] {
            #expect(TargetName(text) == nil)
        }
        #expect(UserName("alice@example.org") != nil)
        #expect(KeyID("0123456789abcdef") != nil)
        #expect(KeyID("0123456789ABCDEF") == nil)
    }

    @Test("made ids carry 80 bits and their prefix; others' ids do not pass")
    func generated() {
        let bytes: [UInt8] = [0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        let id = SuggestionID(random: bytes)
        #expect(id.text == "sg-aaaaaaaa77777777")
        #expect(SuggestionID(id.text) == id)
        #expect(ChangeID(id.text) == nil)
        #expect(SuggestionID("sg-aaaaaaaa7777777") == nil)
        #expect(SuggestionID("sg-aaaaaaaa7777777.") == nil)
        #expect(SuggestionID("sg-AAAAAAAA77777777") == nil)
        let codes = (0..<200).map { number in
            ChangeID(random: (0..<10).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }).text
        }
        #expect(Set(codes).count == 200)
    }

    @Test("a refusal shows hostile text harmlessly and says what is right")
    func refusals() throws {
        let refusal = try #require(throws: Refusal.self) { try TargetName.require("a\n\u{1B}[31m\u{202E}x") }
        #expect(refusal.code == "bad_identifier")
        #expect(refusal.message == "\"a\\u{a}\\u{1b}[31m\\u{202e}x\" is not a target name")
        #expect(refusal.rule.contains("1 to 64"))
    }

    @Test("domains and roles: five ship, rights follow roles, an admin does not vote")
    func domainsAndRoles() {
        #expect(Domain.shipped.map(\.name) == ["core", "automotive", "maritime", "aviation", "satellite"])
        #expect(Domain("rail-2") != nil)
        for text in ["", "2rail", "Rail", "a_b", "../core", String(repeating: "a", count: 33)] {
            #expect(Domain(text) == nil)
        }
        let voters = Role.allCases.filter { $0.has(.vote) }
        #expect(voters == [.approver])
        #expect(Role.allCases.allSatisfy { $0.has(.read) })
        #expect(!Role.admin.has(.request) && !Role.admin.has(.upload) && !Role.admin.has(.rollBack))
        #expect(!Role.release.has(.start) && !Role.viewer.has(.request))
        #expect(Right.allCases.allSatisfy { right in Role.allCases.contains { $0.has(right) } })
    }
}
