import AuroraActivation
import AuroraFields
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Glibc
import HostileArchives
import Testing

@testable import AuroraPacks

@Suite struct StagingTests {
    /// An archive of a pack, made by the machine's own tar.
    private func archive(_ pack: SamplePack, _ bench: TestBench) throws -> String {
        let source = try bench.folder(of: pack)
        let path = "\(source).tar.gz"
        try DurableFile.replace(path, contents: try Archive.tar(["-C", source, "-czf", "-", "."]))
        return path
    }

    private func stage(_ path: String, _ bench: TestBench) throws -> StagedPack {
        try bench.use { try $0.stage(try PackSource.at(path), by: TestBench.ada) }
    }

    private func isClean(_ bench: TestBench) throws -> Bool {
        try DirectoryNames.read(in: "\(bench.places.root)/staging").isEmpty
            && DirectoryNames.read(in: "\(bench.places.root)/store").isEmpty
    }

    @Test("a folder and its archive become the same tree; staging is no activation, and can be repeated")
    func sameTree() throws {
        try withBench { bench in
            let text = "core"
            let sealed = SamplePack(
                id: "a", artifact: (text, "\(Digest(hashing: Array(text.utf8)).hex)"))
            let folder = try bench.stage(sealed)[0]
            let archived = try stage(try archive(sealed, bench), bench)
            #expect(folder.tree == archived.tree)
            #expect(archived.isSealed)
            #expect(archived.origin == .archive)
            #expect(try bench.active() == [])
            #expect(try bench.use { try $0.list().count } == 1)
        }
    }

    @Test("an empty digest in a folder is filled in and told; policy may refuse it")
    func unsealedFolder() throws {
        try withBench { bench in
            let pack = SamplePack(id: "a", artifact: ("core", ""))
            let staged = try bench.stage(pack)[0]
            #expect(!staged.isSealed)
            #expect(staged.artifacts[try #require(PackPath("core.txt"))] == Digest(hashing: Array("core".utf8)))
            let plan = try bench.use { try $0.plan(.change([.tree(staged.tree)])).plan }
            #expect(plan.changes.first?.isSealed == false)
            bench.configuration.policy.unsealed = .refuse
            #expect(code { try bench.stage(pack) } == "pack_unsealed")
        }
    }

    @Test("a folder with a pipe in it is refused, as lint says, and not staged without it")
    func pipe() throws {
        try withBench { bench in
            let folder = try bench.folder(of: SamplePack(id: "a"))
            try DurableFile.makeDirectory("\(folder)/run")
            #expect(mkfifo("\(folder)/run/pipe", 0o644) == 0)
            let refusal = try #require(throws: Refusal.self) {
                try bench.use { _ = try $0.stage(.folder(folder), by: TestBench.ada) }
            }
            #expect(refusal.code == "pack_invalid" && refusal.message == "run/pipe is a device, a pipe or a socket.")
            #expect(PackFolder(folder).lint().contains { $0.problem.file == "run/pipe" && $0.severity == .error })
            #expect(try bench.use { try $0.list().isEmpty })
        }
    }

    @Test("an archive with an empty digest is refused unless the whole of it is signed by a key the device knows")
    func unsealedArchive() throws {
        try withBench { bench in
            let path = try archive(SamplePack(id: "a", artifact: ("core", "")), bench)
            #expect(code { _ = try stage(path, bench) } == "pack_unsealed")
            let signer = try Signer.shared.get()
            let bytes = try DurableFile.read(path)
            try DurableFile.replace("\(path).asc", contents: try signer.sign(bytes))
            #expect(code { _ = try stage(path, bench) } == "no_release_keys")
            let ring = "\(bench.folder)/ring.gpg"
            try DurableFile.replace(ring, contents: try signer.ring())
            bench.verifier = OpenPGPVerifier(
                keyring: ring, allowedFingerprints: [signer.fingerprint],
                launcher: try BuiltPrograms.path("aurora-launcher"))
            bench.configuration.policy.unsigned = .refuse
            let staged = try stage(path, bench)
            #expect(staged.signature.isGood)
            #expect(staged.signature.fingerprint == signer.fingerprint)
            try DurableFile.replace("\(path).asc", contents: try Signer.stranger.get().sign(bytes))
            #expect(code { _ = try stage(path, bench) } == "signature_bad")
            #expect(code { try bench.stage(SamplePack(id: "b")) } == "unsigned")
        }
    }

    @Test("wrong digests, missing programs, own logs or data, and links that lead out are refused, and nothing is left")
    func invalid() throws {
        try withBench { bench in
            let wrong = String(repeating: "0", count: 64)
            #expect(code { try bench.stage(SamplePack(id: "a", artifact: ("core", wrong))) } == "pack_invalid")
            #expect(code { try bench.stage(SamplePack(id: "a", files: ["data/x": "mine"])) } == "pack_invalid")
            #expect(code { try bench.stage(SamplePack(id: "a", files: ["logs": "mine"])) } == "pack_invalid")
            #expect(code { try bench.stage(SamplePack(id: "data")) } == "pack_invalid")
            let source = try bench.folder(of: SamplePack(id: "a"))
            try DurableFile.symlink("../../../etc/passwd", at: "\(source)/leak")
            #expect(code { _ = try stage(source, bench) } == "pack_invalid")
            try FileTree.remove("\(source)/leak")
            try FileTree.remove("\(source)/start.sh")
            #expect(code { _ = try stage(source, bench) } == "pack_invalid")
            #expect(code { _ = try stage("\(bench.folder)/nowhere", bench) } == "pack_unreadable")
            #expect(try isClean(bench))
        }
    }

    @Test("hostile archives are refused by the child without rights, and nothing is left")
    func hostile() throws {
        try withBench { bench in
            // One in ten of the corpus; the archive tests take all of it.
            for (number, hostile) in HostileArchives.hostile.enumerated() where number.isMultiple(of: 10) {
                guard hostile.rule != nil, hostile.limits == nil else { continue }
                let path = "\(bench.folder)/hostile-\(number).tar"
                try DurableFile.replace(path, contents: try hostile.make())
                let code = code { _ = try stage(path, bench) }
                #expect(
                    ["archive_refused", "pack_invalid"].contains(code ?? "staged"),
                    "\(hostile.name): \(code ?? "staged")")
            }
            #expect(try isClean(bench))
        }
    }

    @Test("programs are executable in the store, whatever their mode was, and every byte can be verified")
    func modes() throws {
        try withBench { bench in
            let variant = "autoscan: {variants: [{name: v, when: {}, entrypoint: {start: \"v.sh\"}}]}"
            let source = try bench.folder(of: SamplePack(id: "a", lines: [variant], files: ["v.sh": "exit 0"]))
            for name in ["install.sh", "start.sh", "v.sh"] {
                try Descriptor.open("\(source)/\(name)", .readOnly).setMode(0o600)
            }
            let staged = try stage(source, bench)
            try bench.use { installer in
                let path = installer.engine.treePath(staged.tree)
                for name in ["install.sh", "v.sh"] { #expect(try FileStatus.of("\(path)/\(name)").mode == 0o555) }
                #expect(try FileTree.readLink("\(path)/data") == "../../data/a/1")
                #expect(try FileTree.readLink("\(path)/logs") == "../../logs/a")
                #expect(try installer.verify(staged.tree).isEmpty)
                try Descriptor.open("\(path)/VERSION", .readOnly).setMode(0o644)
                try write("other", to: "\(path)/VERSION")
                #expect(try installer.verify(staged.tree).map(\.path) == ["VERSION"])
            }
            #expect(code { try bench.install("a") } == "treeDamaged")
        }
    }

    @Test("rows that are lost are made again from the store, as of packs nobody signed")
    func rebuild() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try FileTree.remove(bench.places.database)
            for suffix in ["-wal", "-shm", "-sums"] { try FileTree.remove(bench.places.database + suffix) }
            let packs = try bench.use { try $0.list() }
            #expect(packs.map { "\($0.id) \($0.version)" } == ["a 1.0.0"])
            #expect(packs.first?.staged.origin == .unknown)
        }
    }
}
