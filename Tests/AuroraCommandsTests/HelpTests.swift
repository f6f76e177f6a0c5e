import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraCommands

@Suite("What is made from the command table")
struct HelpTests {
    private let table = CommandTable.standard

    @Test("help reads as recorded")
    func help() throws {
        let page = HelpPage(table: table)
        try expectGolden(try page.text([]), "help.txt")
        try expectGolden(try page.text(["exit-codes"]), "help-exit-codes.txt")
        for noun in table.nouns {
            var text = try page.text([noun.name])
            for command in table.visible(below: [noun.name]) {
                text += "\n--- aurora help \(command.name)\n\n" + (try page.text(command.path))
            }
            try expectGolden(text, "help-\(noun.name).txt")
        }
        let general = try table.general.map { "--- aurora help \($0.name)\n\n" + (try page.text($0.path)) }
        try expectGolden(general.joined(separator: "\n"), "help-general.txt")
    }

    @Test("help fits a terminal of 80 columns")
    func helpIsNarrow() throws {
        let pages = [[]] + table.nouns.map { [$0.name] } + table.visible().map(\.path)
        for path in pages {
            for line in try HelpPage(table: table).text(path).split(separator: "\n") {
                #expect(line.count <= 96, "\(path): \(line)")
            }
        }
    }

    @Test("completion scripts read as recorded")
    func completions() throws {
        try expectGolden(BashCompletion(table: table).script, "completion.bash")
        try expectGolden(ZshCompletion(table: table).script, "completion.zsh")
        try expectGolden(FishCompletion(table: table).script, "completion.fish")
    }

    @Test("manual pages are clean for mandoc -Tlint", .enabled(if: Self.has("mandoc"), "mandoc is not installed"))
    func manualPages() throws {
        try withTemporaryDirectory { folder in
            for page in ManualPage(table: table).pages {
                let path = folder + "/" + page.file
                try write(page.text, to: path)
                let result = try Processes.run(
                    ProcessSpec(executable: "/usr/bin/mandoc", arguments: ["-Tlint", "-Wwarning", path]))
                let said = String(decoding: result.output + result.errorOutput, as: UTF8.self)
                #expect(result.isSuccess && said.isEmpty, "\(page.file): \(said)")
            }
        }
    }

    private static func has(_ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/" + program)
    }
}
