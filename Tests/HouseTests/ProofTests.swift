import Foundation
import Testing

/// What the project owes a test for: each number must stand in the name of a test or suite.
@Suite("Owed proofs")
struct ProofTests {
    /// A list of numbers and the word they are written with.
    struct Debt: CustomTestStringConvertible, Sendable {
        /// `defect`, `promise` or `S`.
        let word: String
        let numbers: [Int]
        let source: String
        var testDescription: String { "\(word): \(source)" }

        /// The numbers of this kind in a name: `defect 4`, `defects 22 and 33`, `S-07`.
        func numbers(in name: String) -> [Int] {
            if word == "S" {
                return name.matches(of: /\bS-([0-9]{2})\b/).compactMap { Int($0.output.1) }
            }
            return name.lowercased().matches(of: /\b(defect|promise)s? ((?:[0-9]+(?:, | and )?)+)/)
                .filter { $0.output.1 == word }
                .flatMap { $0.output.2.split { !$0.isNumber }.compactMap { Int($0) } }
        }
    }

    @Test(
        "every defect of the prototype, every promise and every security item has a test that carries its number",
        arguments: [
            Debt(
                word: "defect", numbers: Array(1...10) + [13, 14] + Array(16...22) + Array(27...33) + Array(42...50),
                source: "the prototype's defects in the update chain, in access, in input, and in its runtime"),
            Debt(word: "promise", numbers: [1, 2, 3, 5, 6, 8, 9], source: "the promises a hub alone can keep"),
            Debt(
                word: "S", numbers: Array(1...14) + Array(17...29) + Array(31...36) + [38, 39],
                source: "the security items of the hub"),
        ])
    func everyNumber(_ debt: Debt) throws {
        let proven = Set(try Self.names().flatMap(debt.numbers(in:)))
        let missing = debt.numbers.filter { !proven.contains($0) }
        #expect(
            missing.isEmpty, "no test's name carries \(debt.word) \(missing.map(String.init).joined(separator: ", "))")
    }

    /// A name and what must be read in it.
    struct Example: Sendable {
        let name: String
        let word: String
        let numbers: [Int]
    }

    @Test(
        "numbers are read from names and from nothing else",
        arguments: [
            Example(name: "defect 1, defect 22: a name", word: "defect", numbers: [1, 22]),
            Example(name: "Defects 22 and 33: a name, 7 times", word: "defect", numbers: [22, 33]),
            Example(name: "promise 9: once", word: "promise", numbers: [9]),
            Example(name: "promise 9: once", word: "defect", numbers: []),
            Example(name: "S-07, S-19: revoked", word: "S", numbers: [7, 19]),
            Example(name: "TLS-12 and 3: a name", word: "S", numbers: []),
        ])
    func reading(_ example: Example) {
        let debt = Debt(word: example.word, numbers: [], source: "")
        #expect(debt.numbers(in: example.name) == example.numbers)
    }

    @Test("a test that is commented out proves nothing")
    func comments() {
        let lines = [
            "@Test(\"S-01: one\")", "func one() {}", "    // @Test(\"S-02: two\")", "/// func `S-03 three`() {}",
            "/*", "@Test(\"S-04: four\") /* deeper */", "*/ @Suite(", "// why",
            "\"S-05: five\") // @Test(\"S-06: six\")",
            "let url = \"http://host/*\"", "@Test func `S-07 seven`() {}",
        ]
        #expect(Self.names(in: lines) == ["S-01: one", "S-05: five", "S-07 seven"])
    }

    private static func names() throws -> [String] {
        try SourceTree.files(in: "Tests").filter { $0.module != "HouseTests" }.flatMap { names(in: $0.lines) }
    }

    /// The names of the tests and suites in a file: `@Test("…")`, `@Suite("…")` and functions called by a sentence.
    private static func names(in lines: [String]) -> [String] {
        let text = withoutComments(lines.joined(separator: "\n"))
        return text.matches(of: /@(?:Test|Suite)\s*\(\s*"([^"\n]+)"/).map { String($0.output.1) }
            + text.matches(of: /func `([^`\n]+)`/).map { String($0.output.1) }
    }

    /// Swift without its comments, which may be nested; strings are left whole.
    private static func withoutComments(_ text: String) -> String {
        let (newline, backslash) = (UInt8(ascii: "\n"), UInt8(ascii: "\\"))
        var kept: [UInt8] = []
        var rest = Array(text.utf8)[...]
        var depth = 0
        // What ends the string that is open.
        var quote: String?
        while let byte = rest.first {
            var length = 1
            if let end = quote {
                if byte == backslash { length = 2 }
                if rest.starts(with: end.utf8) { length = end.utf8.count }
                // A quote in a regular expression opens nothing that goes on after its line.
                if rest.starts(with: end.utf8) || byte == newline && end == "\"" { quote = nil }
            } else if rest.starts(with: "/*".utf8) || depth > 0 && rest.starts(with: "*/".utf8) {
                depth += byte == UInt8(ascii: "/") ? 1 : -1
                rest = rest.dropFirst(2)
                continue
            } else if depth > 0 {
                rest = rest.dropFirst()
                continue
            } else if rest.starts(with: "//".utf8) {
                rest = rest.drop { $0 != newline }
                continue
            } else if byte == UInt8(ascii: "\"") {
                quote = rest.starts(with: "\"\"\"".utf8) ? "\"\"\"" : "\""
                length = quote?.utf8.count ?? 1
            }
            kept += rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
