import AuroraModel
import AuroraTrust
import Testing

@Suite("SHA-256 sidecars")
struct ChecksumFileTests {
    static let hash = String(repeating: "ab", count: 32)
    static let other = String(repeating: "cd", count: 32)

    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let name: String
        let digest: String?
        var testDescription: String { text.prefix(80) + " for " + name }
    }

    static let cases: [Case] = [
        Case(text: hash, name: "a.tar", digest: hash),
        Case(text: hash.uppercased() + "\n", name: "a.tar", digest: hash),
        Case(text: "\(hash)  a.tar\n", name: "a.tar", digest: hash),
        Case(text: "\(hash) *a.tar\r\n", name: "a.tar", digest: hash),
        Case(text: "\(hash)  ./out/a.tar\n", name: "a.tar", digest: hash),
        Case(text: "SHA256 (a.tar) = \(hash)\n", name: "a.tar", digest: hash),
        Case(text: "SHA256 (odd) = name) = \(hash)\n", name: "odd) = name", digest: hash),
        Case(text: "\(other)  b.tar\n\(hash)  a.tar\n", name: "a.tar", digest: hash),
        Case(text: "\(hash)  b.tar\n", name: "a.tar", digest: nil),
        Case(text: "\(hash)  a.tar\n\(other)  a.tar\n", name: "a.tar", digest: nil),
        Case(text: "\(hash)\n\(other)\n", name: "a.tar", digest: nil),
    ]

    @Test(arguments: cases)
    func `speaks of a file by name, or alone of any`(_ one: Case) throws {
        let file = try #require(ChecksumFile(Array(one.text.utf8)))
        #expect(file.digest(for: one.name)?.hex == one.digest)
    }

    @Test(arguments: [
        "", "\n", "abc", hash.dropLast() + "g", "\(hash) a.tar", "\(hash)  ", "MD5 (a) = \(hash)",
        "SHA256 (a = \(hash)",
        "\(hash)  a.tar\nrubbish\n",
    ])
    func `is unreadable as a whole when one line is`(_ text: String) {
        #expect(ChecksumFile(Array(text.utf8)) == nil)
    }

    @Test func `is unreadable when too large or not UTF-8`() {
        #expect(ChecksumFile(Array(repeating: 0x61, count: ChecksumFile.largest + 1)) == nil)
        #expect(ChecksumFile([0xFF, 0xFE]) == nil)
    }
}
