import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraPacks

/// Looking into what a pack has written, as somebody with more rights than the pack.
@Suite struct PackFilesTests {
    private func withPack(_ body: (PackFiles, DevicePlaces) throws -> Void) throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "app", needs: ["base": "^1.0.0"]), SamplePack(id: "base"))
            try bench.install("app")
            try body(try PackFiles(try #require(PackID("app")), at: bench.places), bench.places)
        }
    }

    private func fault(_ body: () throws -> Void) -> FileFault? {
        do { try body() } catch { return (error as? FileSystemError)?.fault }
        return nil
    }

    @Test("data, logs, code and what dependencies export are one tree, to be read only")
    func tree() throws {
        try withPack { files, places in
            try write("kept\n", to: "\(places.live)/app/data/deep/state")
            #expect(try files.tree.list(.root).entries.map(\.name) == ["code", "data", "logs", "packs"])
            #expect(try files.tree.list(VirtualPath("packs")).entries.map(\.name) == ["base"])
            #expect(try files.tree.read(VirtualPath("data/deep/state")) == Array("kept\n".utf8))
            #expect(try files.tree.facts(VirtualPath("packs/base/manifest.yaml")).kind == .file)
            #expect(try files.tree.facts(VirtualPath("code/start.sh")).kind == .file)
            for path in ["data/mine", "code/start.sh", "packs/base/x"] {
                #expect(fault { try files.tree.write(VirtualPath(path), [1]) } == .readOnly, "\(path)")
            }
            #expect(fault { try files.tree.write(VirtualPath("mine"), [1]) } == .byteQuota(0))
        }
    }

    @Test("links that a pack has planted lead nowhere, whoever looks")
    func links() throws {
        try withPack { files, places in
            let data = try FileTree.readLink("\(places.live)/app/data")
            #expect(!data.isEmpty)
            for (name, target) in [("abs", "/etc/passwd"), ("up", "../../../../../../etc/passwd"), ("dir", "/etc")] {
                try DurableFile.symlink(target, at: "\(places.live)/app/data/\(name)")
            }
            try DurableFile.symlink("abs", at: "\(places.live)/app/logs/own")
            for path in ["data/abs", "data/up", "data/dir/passwd"] {
                #expect(fault { _ = try files.tree.read(VirtualPath(path)) } == .outside, "\(path)")
            }
            #expect(fault { _ = try files.tree.read(VirtualPath("logs/own")) } == .notFound)
            // A link is shown as one.
            #expect(try files.tree.facts(VirtualPath("data/dir")).kind == .link)
            #expect(fault { _ = try files.tree.list(VirtualPath("data/dir")) } == .outside)
        }
    }

    @Test("a pack that is not active has no files to show")
    func inactive() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "app"))
            #expect(code { _ = try PackFiles(try #require(PackID("app")), at: bench.places) } == "pack_not_active")
        }
    }
}
