import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite("The documentation", .serialized)
struct DocumentationTests {
    @Test(
        .enabled(if: IsolatedRun.isPossible, IsolatedRun.need), .timeLimit(.minutes(4)),
        arguments: Page.withCommands)
    func `does what it says`(_ page: Page) throws {
        try withTemporaryDirectory { folder in
            try write(try page.script(), to: folder + "/page.sh")
            let result = try IsolatedRun.bash([folder + "/page.sh"], in: folder + "/home", timeout: .seconds(200))
            let output = String(decoding: result.output + result.errorOutput, as: UTF8.self)
            #expect(result.isSuccess, "\(page): \(result.outcome)\n\(output.suffix(4000))")
        }
    }

    @Test func `every command on a page is one that a test runs`() throws {
        let kinds = Page.Block.run.union(["sh make", "text", "json"])
        for page in Page.every {
            for block in try page.blocks() {
                #expect(kinds.contains(block.kind), "\(page): a block of the kind '\(block.kind)' is run by nothing")
            }
            var isInside = false
            var before: Substring = ""
            for line in try page.text().split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("```") { isInside.toggle() }
                let isIndentedBlock = line.hasPrefix("    ") && before.isEmpty && !isInside
                #expect(!isIndentedBlock, "\(page): an indented block is run by nothing: \(line)")
                before = line
            }
        }
    }

    @Test func `every make command a page names does something`() throws {
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/make", arguments: ["-C", Page.root, "-pRrq", "help"],
                environment: ["PATH": "/usr/bin:/bin"], outputLimit: 1 << 22))
        let database = String(decoding: result.output, as: UTF8.self)
        for page in Page.every {
            let named = try page.text().matches(of: /(?:`|\n)make (?<goal>[a-z-]+)/).map { String($0.goal) }
            for goal in Set(named) {
                #expect(database.contains("\n\(goal):"), "\(page): the Makefile has no \(goal)")
            }
        }
        #expect(database.contains("\ndemo:"), "make said nothing")
    }

    @Test func `every page the sources point to exists`() throws {
        let sources = FileManager.default.enumerator(atPath: Page.root + "/Sources")
        var count = 0
        for case let name as String in sources?.allObjects ?? [] where name.hasSuffix(".swift") || name.hasSuffix(".md")
        {
            for match in try readText(Page.root + "/Sources/" + name).matches(of: /docs\/[A-Za-z0-9_.\/-]+\.md/) {
                let path = Page.root + "/" + match.output
                #expect(FileManager.default.fileExists(atPath: path), "Sources/\(name) points to \(match.output)")
                count += 1
            }
        }
        #expect(count > 0)
    }

    @Test func `the way from the prototype names every route of the prototype`() throws {
        let table = try readText(Page.root + "/docs/reference/api.md")
        let page = try readText(Page.root + "/docs/how-to/come-from-the-prototype.md")
        var routes: [String] = []
        var isPrototype = false
        for line in table.split(separator: "\n") {
            if line.hasPrefix("## ") { isPrototype = line.hasPrefix("## The prototype") }
            if isPrototype, line.hasPrefix("### ") { routes.append(String(line.dropFirst(4))) }
        }
        #expect(routes.count >= 10, "\(routes)")
        for route in routes { #expect(page.contains("`\(route)"), "\(route) is not on the page") }
    }

    @Test func `decision 0003 names every package that is installed`() throws {
        let decision = try readText(Page.root + "/docs/decisions/0003-dependencies.md")
        var packages: Set<String> = []
        for group in ["test", "bench"] {
            let result = try Processes.run(
                ProcessSpec(
                    executable: Page.root + "/scripts/install-dependencies", arguments: ["--list", group],
                    environment: ["PATH": "/usr/bin:/bin"]))
            packages.formUnion(String(decoding: result.output, as: UTF8.self).split(separator: "\n").map(String.init))
        }
        let folders = try FileManager.default.contentsOfDirectory(atPath: Page.root + "/Tests")
        let lists = folders.map { Page.root + "/Tests/\($0)/requirements.txt" }
            .filter(FileManager.default.fileExists(atPath:))
        #expect(lists.count >= 2, "\(lists)")
        for list in lists {
            for line in try readText(list).split(separator: "\n") where !line.hasPrefix("#") {
                packages.insert(String(line.prefix { $0 != "=" }))
            }
        }
        #expect(packages.count > 20)
        for package in packages {
            #expect(decision.contains("`\(package)`"), "\(package) has no reason in decision 0003")
        }
    }

    @Test func `pages link only to files that exist`() throws {
        for page in Page.every {
            let text = try page.text()
            let folder = (page.path as NSString).deletingLastPathComponent
            for match in text.matches(of: /\]\((?<target>[^)#:]+)(#[^)]*)?\)/) {
                let target = ((Page.root + "/" + folder) as NSString).appendingPathComponent(String(match.target))
                #expect(FileManager.default.fileExists(atPath: target), "\(page) links to \(match.target)")
            }
        }
    }
}
