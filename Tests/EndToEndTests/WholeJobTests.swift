import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@Suite("The whole job, with the real program over real sockets")
struct WholeJobTests {
    private static let reason = "the lab soak was clean, T-221"

    @Test(
        "build, sign, upload, stage, ask, approve, promote, roll back, prove: every verb of the program",
        .timeLimit(.minutes(5)))
    func everyVerb() throws {
        try World.with { world in
            try Story(world).play()
            try expectEveryVerb(of: world)
        }
    }

    /// Every verb that help shows has been run by the story.
    private func expectEveryVerb(of world: World) throws {
        let someone = world.person("someone")
        let overview = try someone("help").output
        let nouns = overview.components(between: "Nouns:", and: "Other commands:")
        let general = overview.components(between: "Other commands:", and: "Options of every command:")
        var verbs = general.filter { !["demo", "login", "help", "start"].contains($0) }
        // The verbs of a device are run by PackRunbookTests and CoreStoryTests.
        for noun in nouns where !["pack", "device", "agent"].contains(noun) {
            let page = try someone("help", noun).output
            for line in page.split(separator: "\n") where line.hasPrefix("  \(noun) ") {
                let words = line.split(separator: " ")
                let isLonger = words.count > 2 && noun == "user" && words[1] == "key"
                verbs.append(words.prefix(isLonger ? 3 : 2).joined(separator: " "))
            }
        }
        try #require(verbs.count > 40)
        for verb in verbs where verb != "hub start" {
            #expect(world.hasRun(verb), "aurora \(verb) is not run by any test")
        }
    }
}

extension String {
    /// The first words of the lines between two headings.
    fileprivate func components(between start: String, and end: String) -> [String] {
        let lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let from = lines.firstIndex(of: start), let to = lines.firstIndex(of: end) else { return [] }
        return lines[(from + 1)..<to].compactMap { line in
            guard line.hasPrefix("  "), !line.hasPrefix("   ") else { return nil }
            return line.split(separator: " ").first.map(String.init)
        }
    }
}
