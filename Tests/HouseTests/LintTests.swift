import Foundation
import Testing

@Suite("House rules")
struct LintTests {
    /// A word that must not stand in the code of Sources, and the reason a reader is told.
    struct Ban: CustomTestStringConvertible, Sendable {
        let word: String
        let reason: String
        var testDescription: String { word }
    }

    @Test(
        "banned calls are not used",
        arguments: [
            Ban(word: "replaceItemAt", reason: "it loses data on Linux; use AuroraSystem's DurableFile"),
            Ban(word: ".atomic", reason: "it is not durable; use AuroraSystem's DurableFile"),
            Ban(word: "import Foundation", reason: "it costs 7 MiB of memory in every process; use AuroraSystem"),
            Ban(word: "try!", reason: "input never traps"),
            Ban(word: "as!", reason: "input never traps"),
            Ban(word: "fatalError(", reason: "input never traps"),
            Ban(word: "Task.detached", reason: "nobody owns it"),
            Ban(word: "print(", reason: "output goes through AuroraSystem's Standard or the console"),
        ])
    func bannedWords(_ ban: Ban) throws {
        for file in try SourceTree.files(in: "Sources") {
            var reader = CodeReader()
            for (index, line) in file.lines.enumerated() {
                let code = reader.read(line).code
                #expect(!uses(ban.word, in: code), "\(file.path):\(index + 1): \(ban.word): \(ban.reason)")
            }
        }
    }

    @Test("what the compiler cannot check says why it is safe")
    func uncheckedState() throws {
        for file in try SourceTree.files(in: "Sources") {
            for (index, line) in file.lines.enumerated() {
                guard line.contains("nonisolated(unsafe)") || line.contains("@unchecked Sendable") else { continue }
                let before = file.lines[max(0, index - 6)..<index].contains { $0.contains("//") }
                #expect(before, "\(file.path):\(index + 1): say what makes it safe")
            }
        }
    }

    @Test("SQL text lives in store files only")
    func sqlInStores() throws {
        let verbs = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "CREATE INDEX "]
        for file in try SourceTree.files(in: "Sources") {
            guard file.module != "AuroraDatabase", !file.path.hasSuffix("Store.swift") else { continue }
            var reader = CodeReader()
            for (index, line) in file.lines.enumerated() {
                let text = reader.read(line).text.trimmed
                let isSQL = verbs.contains { verb in text.hasPrefix(verb) }
                #expect(!isSQL, "\(file.path):\(index + 1): SQL outside a …Store.swift")
            }
        }
    }

    @Test("SQL keeps to the subset every database has")
    func portableSQL() throws {
        let banned = ["AUTOINCREMENT", "rowid", "PRAGMA", "INSERT OR ", "strftime(", "json_extract("]
        for file in try SourceTree.files(in: "Sources") where file.path.hasSuffix("Store.swift") {
            guard file.module != "AuroraDatabase" else { continue }
            var reader = CodeReader()
            for (index, line) in file.lines.enumerated() {
                let text = reader.read(line).text
                for word in banned {
                    #expect(!text.contains(word), "\(file.path):\(index + 1): \(word) is one database's dialect")
                }
            }
        }
    }

    @Test("nothing is left for later")
    func noPlaceholders() throws {
        for file in try SourceTree.files(in: "Sources") {
            for (index, line) in file.lines.enumerated() {
                for word in ["TO" + "DO", "FIX" + "ME", "XX" + "X:"] {
                    #expect(!line.contains(word), "\(file.path):\(index + 1): \(word)")
                }
            }
        }
    }

    @Test("every type that another module uses says what it is for")
    func packageTypesAreDocumented() throws {
        for file in try SourceTree.files(in: "Sources") {
            for index in file.lines.indices where declaresPackageType(file.lines[index]) {
                let isDocumented = isDocumented(index, in: file.lines)
                #expect(isDocumented, "\(file.path):\(index + 1): no documentation: \(file.lines[index])")
            }
        }
    }

    @Test("every module has a landing page")
    func landingPages() throws {
        let files = Dictionary(grouping: try SourceTree.files(in: "Sources"), by: \.module)
        for (module, sources) in files where module.hasPrefix("Aurora") && sources.count > 1 {
            let page = SourceTree.root.appending(path: "Sources/\(module)/Documentation.docc/\(module).md")
            #expect((try? page.checkResourceIsReachable()) == true, "\(module) has no Documentation.docc/\(module).md")
        }
    }

    @Test("files stay readable")
    func filesAreShort() throws {
        for file in try SourceTree.files(in: "Sources") {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines; split it by role")
        }
    }

    private func uses(_ word: String, in code: String) -> Bool {
        guard let range = code.range(of: word) else { return false }
        guard let first = word.first, first.isLetter else {
            // `.atomic` must not match `.atomicRename`.
            return range.upperBound == code.endIndex || !code[range.upperBound].isLetter
        }
        guard range.lowerBound != code.startIndex else { return true }
        let before = code[code.index(before: range.lowerBound)]
        return !before.isLetter && !before.isNumber && before != "_" && before != "."
    }

    /// A type at the outermost level of a file; what lies inside it is left to its author's judgement.
    private func declaresPackageType(_ line: String) -> Bool {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).prefix(4)
        guard words.first == "package" || words.first == "public" else { return false }
        return words.contains { ["struct", "enum", "class", "protocol", "actor"].contains($0) }
    }

    private func isDocumented(_ index: Int, in lines: [String]) -> Bool {
        var above = index - 1
        while above >= 0, lines[above].trimmed.hasPrefix("@") { above -= 1 }
        return above >= 0 && lines[above].trimmed.hasPrefix("///")
    }
}

extension String {
    /// The line without the blanks around it.
    fileprivate var trimmed: Substring {
        let blanks: Set<Character> = [" ", "\t"]
        guard let start = firstIndex(where: { !blanks.contains($0) }) else { return "" }
        let end = lastIndex { !blanks.contains($0) } ?? start
        return self[start...end]
    }
}

extension Substring {
    fileprivate var trimmed: Substring { String(self).trimmed }
}
