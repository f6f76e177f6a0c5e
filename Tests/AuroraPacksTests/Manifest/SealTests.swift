import AuroraFields
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraPacks

@Suite("Sealing packs")
struct SealTests {
    private static let hex = TestPack.code.hex

    /// A manifest's way of writing the digest of core/vfs.py, and what sealing makes of that line.
    struct Row: Sendable, CustomTestStringConvertible {
        let before: String
        let after: String
        var testDescription: String { before }

        init(_ before: String, _ after: String) {
            self.before = before
            self.after = after
        }
    }

    @Test(
        "the digest alone changes, however it was written",
        arguments: [
            Row(
                "- path: core/vfs.py\n    sha256: \"\"   # to do", "- path: core/vfs.py\n    sha256: \"HEX\"   # to do"),
            Row("- {path: core/vfs.py, sha256: ''}", "- {path: core/vfs.py, sha256: \"HEX\"}"),
            Row("- {sha256: \"\", path: core/vfs.py} # é🚀", "- {sha256: \"HEX\", path: core/vfs.py} # é🚀"),
            Row(
                "- path: core/vfs.py\n    # é🚀\n    sha256: WRONG", "- path: core/vfs.py\n    # é🚀\n    sha256: \"HEX\""
            ),
            Row("- path: core/vfs.py\n    sha256: 'WRONG'\n", "- path: core/vfs.py\n    sha256: \"HEX\"\n"),
            Row("- path: core/vfs.py\n    sha256:\n      \"WRONG\"", "- path: core/vfs.py\n    sha256:\n      \"HEX\""),
            Row("- path: core/vfs.py\n    sha256: \"HEX\"", "- path: core/vfs.py\n    sha256: \"HEX\""),
            Row("- path: core/vfs.py\n    sha256: HEX", "- path: core/vfs.py\n    sha256: HEX"),
        ])
    func layout(_ row: Row) throws {
        func filled(_ text: String) -> String {
            text.replacing("HEX", with: Self.hex).replacing("WRONG", with: String(repeating: "ab", count: 32))
        }
        let start = "# first line: ä\n\n" + ManifestTexts.least() + "  # the code\n  artifacts:\n  "
        for end in ["\n", "\r\n"] {
            let before = filled(start + row.before).replacing("\n", with: end)
            let after = filled(start + row.after).replacing("\n", with: end)
            try withTemporaryDirectory { folder in
                let pack = try TestPack(in: folder, ["manifest.yaml": before])
                let sealed = try pack.folder.seal()
                #expect(sealed.count == (before == after ? 0 : 1))
                #expect(try readText(pack.root + "/manifest.yaml") == after)
                #expect(try pack.folder.seal().isEmpty)
                #expect(pack.findings() == [])
            }
        }
    }

    @Test("sealing leaves nothing for lint to warn about, in YAML, in JSON, and in both at once")
    func sealThenLint() throws {
        let json = """
            {"schema_version": "aurora-manifest-v1",
              "pack": {"id": "pack03_os_base", "name": "é🚀", "version": "0.1.0",
               "entrypoint": {"install": "install.sh", "start": "start.sh", "stop": "stop.sh", "health": "health_check.sh"},
               "artifacts": [ { "path": "core/vfs.py", "sha256" : "" }, {"sha256":"","path":"start.sh"} ] } }
            """
        for manifests in [
            ["manifest.yaml": ManifestTexts.base], ["manifest.json": json],
            ["manifest.yaml": ManifestTexts.base, "manifest.json": json],
        ] {
            try withTemporaryDirectory { folder in
                let pack = try TestPack(in: folder, manifests)
                #expect(pack.folder.lint().contains { $0.severity == .warning })
                let sealed = try pack.folder.seal()
                #expect(
                    sealed.first
                        == SealedArtifact(
                            path: try #require(PackPath("core/vfs.py")), before: nil, after: TestPack.code))
                #expect(pack.findings() == [])
                #expect(try pack.folder.manifest().manifest.isSealed)
                if let text = try? readText(pack.root + "/manifest.json") {
                    #expect(
                        text.contains("{ \"path\": \"core/vfs.py\", \"sha256\" : \"\(Self.hex)\" }, {\"sha256\":\""))
                }
            }
        }
    }

    @Test("artifacts of variants are sealed too")
    func variants() throws {
        let text = ManifestTexts.least(
            "autoscan: {auto_detect_device: true, variants: [{name: v, when: {}, artifacts: [{path: stop.sh, sha256: ''}]}]}\n"
                + "artifacts: [{path: core/vfs.py, sha256: ''}, {path: start.sh, sha256: ''}]")
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, ["manifest.yaml": text])
            #expect(try pack.folder.seal().map(\.path.text) == ["core/vfs.py", "start.sh", "stop.sh"])
            #expect(pack.findings() == [])
        }
    }

    @Test("an artifact that cannot be read leaves the manifest as it was")
    func missing() throws {
        let text = ManifestTexts.least("artifacts: [{path: core/vfs.py, sha256: ''}, {path: gone, sha256: ''}]")
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, ["manifest.yaml": text])
            let error = #expect(throws: DocumentError.self) { try pack.folder.seal() }
            #expect(
                error?.description
                    == "manifest.yaml:7:55: pack.artifacts[1].path: gone is not in the pack; next: add the file, or remove the artifact"
            )
            #expect(try readText(pack.root + "/manifest.yaml") == text)
        }
    }

    @Test("a digest written over several lines is refused rather than guessed at")
    func block() throws {
        let text = ManifestTexts.least(
            "artifacts:\n  - path: core/vfs.py\n    sha256: >-\n\n  - {path: start.sh, sha256: ''}")
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, ["manifest.yaml": text])
            do {
                _ = try pack.folder.seal()
                #expect(pack.findings() == [])
            } catch let error as DocumentError {
                #expect(error.description.contains("pack.artifacts: cannot be sealed in place"))
                #expect(try readText(pack.root + "/manifest.yaml") == text)
            }
        }
    }

    @Test("the file keeps its mode, and a sealed one is not written again")
    func mode() throws {
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, [:])
            let file = pack.root + "/manifest.yaml"
            try write(ManifestTexts.base, to: file, mode: 0o640)
            _ = try pack.folder.seal()
            let first = try FileStatus.of(file)
            #expect(first.mode == 0o640)
            _ = try pack.folder.seal()
            #expect(try FileStatus.of(file).inode == first.inode)
        }
    }
}
