import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite struct ConfinementOfPathsTests {
    @Test(
        "defect 42: no spelling of a path leaves the root, and none is quietly made into another",
        arguments: [
            "../outside/secret", "/../outside/secret", "a/../../outside/secret", "..", "../", "a/..", "/..",
            "./../outside", "a/./../..", "x\0y",
        ])
    func hostileSpellings(_ text: String) throws {
        try withFiles { files, folder in
            try files.makeDirectory(path("a"))
            let refusal = fault { _ = try files.read(path(text)) }
            guard case .badPath = refusal else {
                Issue.record("\(text): \(String(describing: refusal))")
                return
            }
            #expect(fault { try files.write(path(text), bytes("x")) } == refusal)
            #expect(fault { try files.removeTree(path(text)) } == refusal)
            #expect(try readText("\(folder)/outside/secret") == "secret")
        }
    }

    @Test("defect 42: dots that are a name are a name, below the root")
    func dotsAsNames() throws {
        try withFiles { files, folder in
            for name in ["....", "...", "..a", "a..", "\\..\\b", "%2e%2e"] {
                try files.makeDirectory(path(name))
                try files.write(path("\(name)//secret"), bytes(name))
                #expect(try readText("\(folder)/root/\(name)/secret") == name)
            }
            #expect(try text(files.read(path("....//secret"))) == "....")
            #expect(fault { _ = try files.read(path("....//....//outside/secret")) } == .notFound)
            #expect(fault { _ = try files.read(path("/etc/passwd")) } == .notFound)
        }
    }

    @Test("defect 43: links that lead outside are refused by the kernel, for every operation")
    func linksOutside() throws {
        try withFiles { files, folder in
            let outside = "\(folder)/outside"
            try DurableFile.symlink("\(outside)/secret", at: "\(folder)/root/absolute")
            try DurableFile.symlink("../outside/secret", at: "\(folder)/root/relative")
            try DurableFile.symlink(outside, at: "\(folder)/root/folder")
            try DurableFile.symlink("../outside", at: "\(folder)/root/up")
            try DurableFile.symlink("/proc/self/root", at: "\(folder)/root/magic")
            for name in ["absolute", "relative", "folder/secret", "up/secret", "magic/etc/passwd"] {
                #expect(fault { _ = try files.read(path(name)) } == .outside, "\(name)")
                #expect(fault { try files.append(path(name), bytes("x")) } == .outside, "\(name)")
            }
            for name in ["folder", "up"] {
                #expect(fault { try files.write(path("\(name)/new"), bytes("x")) } == .outside)
                #expect(fault { try files.makeDirectory(path("\(name)/new")) } == .outside)
                #expect(fault { try files.remove(path("\(name)/secret")) } == .outside)
                #expect(fault { try files.removeTree(path("\(name)/secret")) } == .outside)
                #expect(fault { try files.rename(path("\(name)/secret"), to: path("mine")) } == .outside)
                #expect(fault { _ = try files.list(path(name)) } == .outside)
                #expect(fault { _ = try files.watch(path(name)) } == .outside)
            }
            // The links themselves can be replaced and removed, and what they point to stays.
            try files.write(path("absolute"), bytes("mine"))
            try files.removeTree(path("folder"))
            #expect(try readText("\(outside)/secret") == "secret")
            #expect(try FileTree.walk(outside).count == 1)
        }
    }

    @Test("defect 43: a link that stays inside is followed")
    func linksInside() throws {
        try withFiles { files, folder in
            try files.makeDirectory(path("data"))
            try files.write(path("data/one"), bytes("1"))
            try DurableFile.symlink("data", at: "\(folder)/root/link")
            #expect(try text(files.read(path("link/one"))) == "1")
            #expect(try files.facts(path("link")).kind == .link)
        }
    }

    @Test(
        "defect 43: an id that is a path gives no folder anywhere", arguments: ["../..", "/etc", "a/b", ".", "..", ""])
    func idsThatArePaths(_ text: String) {
        #expect(PackID(text) == nil)
        #expect(NamespaceID("pack:\(text)") == nil)
    }

    @Test("defect 44: a..b and ab are two files, and so are two spellings of one accented letter")
    func distinctNames() throws {
        try withFiles { files, _ in
            let names = ["a..b", "ab", "a.b", "caf\u{e9}", "cafe\u{301}"]
            for (number, name) in names.enumerated() { try files.write(path(name), bytes("\(number)"), .createNew) }
            for (number, name) in names.enumerated() { #expect(try text(files.read(path(name))) == "\(number)") }
            #expect(try files.list(.root).entries.count == 5)
        }
    }

    @Test("defect 44: the root cannot be removed, renamed or replaced", arguments: ["", "/", ".", "./", "//."])
    func rootStays(_ text: String) throws {
        try withFiles { files, folder in
            try files.write(path("kept"), bytes("1"))
            let root = try path(text)
            #expect(fault { try files.remove(root) } == .isMountPoint)
            #expect(fault { try files.removeTree(root) } == .isMountPoint)
            #expect(fault { try files.rename(root, to: path("x")) } == .isMountPoint)
            #expect(fault { try files.write(root, bytes("x")) } == .isMountPoint)
            #expect(try readText("\(folder)/root/kept") == "1")
        }
    }

    @Test("defect 44: removing a link to a folder removes the link, not the folder")
    func removingLinks() throws {
        try withFiles { files, folder in
            try files.makeDirectory(path("data"))
            try files.write(path("data/one"), bytes("1"))
            for name in ["first", "second"] { try DurableFile.symlink("data", at: "\(folder)/root/\(name)") }
            try files.remove(path("first"))
            try files.removeTree(path("second"))
            #expect(try files.list(.root).entries.map(\.name) == ["data"])
            #expect(try text(files.read(path("data/one"))) == "1")
        }
    }

    @Test("long names, long paths, control characters and bytes that are no text are errors that can be shown")
    func oddPaths() throws {
        #expect(fault { _ = try path(String(repeating: "x", count: 256)) } == .tooLong)
        #expect(fault { _ = try path(String(repeating: "x/", count: 4_000)) } == .tooLong)
        #expect(throws: Never.self) { try path(String(repeating: "x", count: 255)) }
        guard case .badPath = fault({ _ = try VirtualPath(bytes: [0x61, 0xFF]) }) else {
            Issue.record("invalid UTF-8 was taken")
            return
        }
        let error = #expect(throws: FileSystemError.self) { try path("a\n\u{1b}[31m/..") }
        #expect(error.map { !$0.description.utf8.contains(0x1b) && !$0.description.contains("\n") } == true)
        guard case .badPath = fault({ _ = try path(".aurora-unfinished-x") }) else {
            Issue.record("the name of an unfinished write was taken")
            return
        }
    }

    @Test("errors name the pack's path, not the host's")
    func virtualNames() throws {
        try withFiles { files, folder in
            let error = #expect(throws: FileSystemError.self) { try files.read(path("some/where")) }
            #expect(error?.path == "/some/where")
            #expect(error.map { !$0.description.contains(folder) } == true)
        }
    }
}
