import AuroraModel
import AuroraPacks
import Testing

@Suite struct ResolverTests {
    @Test("the newest release that everybody accepts is chosen, with all that it needs")
    func newest() throws {
        let known = ["a 1.0.0", "a 2.0.0: b ^1", "b 1.0.0", "b 1.4.0", "b 2.0.0", "c 1.0.0"]
        #expect(try resolve(known, wanted: ["a"]) == ["a": "2.0.0", "b": "1.4.0"])
    }

    @Test("what is installed stays when anything allows it, even where the new pack then is older")
    func minimalChange() throws {
        let known = ["a 1.0.0: b ^1", "a 2.0.0: b ^2", "b 1.0.0", "b 1.5.0", "b 2.0.0"]
        #expect(try resolve(known, installed: ["b": "1.0.0"], wanted: ["a"]) == ["a": "1.0.0", "b": "1.0.0"])
        #expect(try resolve(known, installed: ["b": "1.0.0"], wanted: ["a ^2"]) == ["a": "2.0.0", "b": "2.0.0"])
    }

    @Test("an upgrade makes the pack as new as the others allow, and leaves them alone")
    func upgrade() throws {
        let known = ["a 1.0.0", "a 1.2.0: b ^1", "a 2.0.0: b ^2", "b 1.0.0", "b 2.0.0"]
        let installed = ["a": "1.0.0", "b": "1.0.0"]
        #expect(try resolve(known, installed: installed, upgraded: ["a"]) == ["a": "1.2.0", "b": "1.0.0"])
        #expect(try resolve(known, installed: installed, wanted: ["a"]) == installed)
        #expect(try resolve(known, installed: installed, upgraded: ["a", "b"]) == ["a": "2.0.0", "b": "2.0.0"])
    }

    @Test("a prerelease is chosen only where every range names it and no release will do")
    func prereleases() throws {
        let known = ["a 1.0.0", "a 2.0.0-beta.1", "b 1.0.0: a 2.0.0-beta.1 || ^1.0.0", "c 1.0.0: a >=2.0.0-beta"]
        #expect(try resolve(known, wanted: ["a"]) == ["a": "1.0.0"])
        #expect(try resolve(known, wanted: ["a ^2.0.0-0"]) == ["a": "2.0.0-beta.1"])
        #expect(try resolve(known, wanted: ["b"])["a"] == "1.0.0")
        #expect(try resolve(known, wanted: ["c"])["a"] == "2.0.0-beta.1")
        #expect(throws: ResolutionFailure.self) { try resolve(known, wanted: ["a", "c"]) }
        #expect(try resolve(known, installed: ["a": "2.0.0-beta.1"], wanted: ["c"])["a"] == "2.0.0-beta.1")
    }

    @Test("a removed pack goes, unless another still needs it")
    func removal() throws {
        let known = ["a 1.0.0: b", "b 1.0.0", "c 1.0.0"]
        let installed = ["a": "1.0.0", "b": "1.0.0", "c": "1.0.0"]
        #expect(try resolve(known, installed: installed, removed: ["c"]) == ["a": "1.0.0", "b": "1.0.0"])
        #expect(try resolve(known, installed: installed, removed: ["a", "b"]) == ["c": "1.0.0"])
        #expect(throws: ResolutionFailure.self) { try resolve(known, installed: installed, removed: ["b"]) }
    }

    @Test("packs start after what they need, by name where that leaves a choice")
    func order() throws {
        let known = try shelf(["a 1.0.0: z", "b 1.0.0", "m 1.0.0: a, b", "z 1.0.0: y", "y 1.0.0"])
        let resolution = try Resolver(known: known).resolve(ResolutionRequest(wanted: [try need("m"), try need("b")]))
        #expect(resolution.order.map(\.text) == ["y", "z", "a", "b", "m"])
    }

    @Test("packs that need each other are refused with the whole circle")
    func cycles() throws {
        let known = ["a 1.0.0: b", "b 1.0.0: c", "c 1.0.0: d, a", "d 1.0.0", "s 1.0.0: s"]
        let error = #expect(throws: ResolutionFailure.self) { try resolve(known, wanted: ["b"]) }
        #expect(error == .cycle(try ["a", "b", "c", "a"].map(pack)))
        #expect("\(try #require(error))".contains("a needs b needs c needs a"))
        #expect(throws: ResolutionFailure.cycle(try ["s", "s"].map(pack))) { try resolve(known, wanted: ["s"]) }
    }

    @Test("the order of what is given does not show in the answer")
    func independence() throws {
        let lines =
            (0..<30).flatMap { number in
                ["p\(number) 1.0.0: p\(number + 1) *, p\(number + 2) *", "p\(number) 1.1.0: p\(number + 3) ^1"]
            } + (30..<33).map { "p\($0) 1.0.0" }
        let expected = try resolve(lines, wanted: ["p0", "p7", "p11 <1.1"])
        for _ in 0..<10 {
            #expect(try resolve(lines.shuffled(), wanted: ["p7", "p11 <1.1", "p0"].shuffled()) == expected)
        }
    }

    @Test("more versions than fit one word are all looked at")
    func manyVersions() throws {
        let known = (0..<200).map { "a 1.0.\($0): b \($0 == 3 ? "*" : "^9")" } + ["b 1.0.0"]
        #expect(try resolve(known, wanted: ["a"]) == ["a": "1.0.3", "b": "1.0.0"])
        #expect(try resolve((0..<200).map { "a 1.0.\($0)" }, wanted: ["a 1.0.130"]) == ["a": "1.0.130"])
    }

    @Test("an installed version without its manifest is an error that says so")
    func unknownInstalled() throws {
        #expect(throws: ResolutionFailure.unknownInstalled(try pack("b"), try version("1.0.0"))) {
            try resolve(["a 1.0.0"], installed: ["b": "1.0.0"], wanted: ["a"])
        }
        #expect(try resolve(["a 1.0.0"], installed: ["b": "1.0.0"], wanted: ["a"], removed: ["b"]) == ["a": "1.0.0"])
    }

    @Test("a search that would take too long ends with its budget, and says what it found out")
    func budget() throws {
        // Nine packs that each need one of eight places, none of them the same: hard for every solver of this kind.
        var lines: [String] = []
        for hole in 0..<8 { lines += (0..<9).map { "hole\(hole) \($0 + 1).0.0" } }
        for pigeon in 0..<9 { lines += (0..<8).map { "pigeon\(pigeon) \($0 + 1).0.0: hole\($0) \(pigeon + 1)" } }
        var budget = ResolutionBudget()
        budget.steps = 20_000
        let resolver = Resolver(known: try shelf(lines), budget: budget)
        let wanted = try (0..<9).map { try need("pigeon\($0)") }
        let error = #expect(throws: ResolutionFailure.self) { try resolver.resolve(ResolutionRequest(wanted: wanted)) }
        guard case .budget(let decisions, let sentences) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(decisions > 10 && !sentences.isEmpty && sentences.count <= 43)
        #expect("\(try #require(error))".hasPrefix("No answer was found after \(decisions) tries"))
    }
}
