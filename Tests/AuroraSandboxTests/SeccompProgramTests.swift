import AuroraSandbox
import Testing

@Suite("seccomp programs")
struct SeccompProgramTests {
    enum List: CaseIterable {
        case base
        case untrustedParser

        var program: SeccompProgram { self == .base ? .base : .untrustedParser }
    }

    @Test("both lists compile to whole filter records", arguments: List.allCases)
    func compiles(_ list: List) throws {
        let bytes = try list.program.compiled()
        #expect(bytes.count > 400)
        #expect(bytes.count % 8 == 0)
        #expect(bytes.count / 8 <= 4096)
    }

    @Test("a call that nobody knows is an error, never skipped")
    func unknownCall() {
        let refusal = #expect(throws: SandboxRefusal.self) {
            try SeccompProgram(rules: [.init("no_such_call")]).compiled()
        }
        #expect(refusal?.layer == .seccomp)
        #expect(refusal?.detail.contains("no_such_call") == true)
    }

    @Test("a call younger than libseccomp is denied by its number")
    func youngerCall() throws {
        #expect(try SeccompProgram(rules: [.init("open_tree_attr")]).compiled().count > 0)
    }

    @Test("the parser's list holds everything of the base list but sockets it denies whole")
    func superset() {
        let parser = Set(SeccompProgram.untrustedParser.rules)
        let wholly = Set(SeccompProgram.untrustedParser.rules.filter { $0.condition == nil }.map(\.call))
        for rule in SeccompProgram.base.rules {
            #expect(parser.contains(rule) || wholly.contains(rule.call), "\(rule)")
        }
    }
}
