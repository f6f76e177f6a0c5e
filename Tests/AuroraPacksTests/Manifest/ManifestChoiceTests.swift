import AuroraFields
import AuroraModel
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraPacks

@Suite("Which manifest is a pack's")
struct ManifestChoiceTests {
    private func yaml(_ more: String = "") -> String { ManifestTexts.least(more) }

    private func json(name: String = "J", version: String = "1.0.0", more: String = "") -> String {
        """
        {"schema_version": "aurora-manifest-v1", "pack": {"id": "p", "name": "\(name)", "version": "\(version)",
         "entrypoint": {"install": "install.sh", "start": "start.sh", "stop": "stop.sh", "health": "health.sh"}\(more)}}
        """
    }

    /// The name in the manifest that counts, or what is wrong.
    private func name(_ manifests: [String: String]) throws -> String {
        try withTemporaryDirectory { folder in
            do { return try TestPack(in: folder, manifests).folder.manifest().manifest.name } catch {
                return "\(error)".replacing(folder, with: "FOLDER")
            }
        }
    }

    @Test("autoscan.manifest_preference says which of two manifests is read")
    func preference() throws {
        let names = ["manifest.yaml": yaml(), "manifest.json": json()]
        #expect(try name(names) == "P")
        for words in ["[json, yaml]", "[json]"] {
            let list = words.replacing("json", with: "\"json\"").replacing("yaml", with: "\"yaml\"")
            let preferring = [
                "manifest.yaml": yaml("autoscan: {manifest_preference: \(words)}"),
                "manifest.json": json(more: ", \"autoscan\": {\"manifest_preference\": \(list)}"),
            ]
            #expect(try name(preferring) == "J")
        }
    }

    @Test("one manifest is taken, whatever it prefers", arguments: ["manifest.yaml", "manifest.yml"])
    func one(_ file: String) throws {
        #expect(try name([file: yaml("autoscan: {manifest_preference: [json]}")]) == "P")
        #expect(try name(["manifest.json": json()]) == "J")
    }

    @Test("two manifests that do not agree on who the pack is, or on which of them counts, are refused")
    func disagreement() throws {
        #expect(
            try name(["manifest.yaml": yaml(), "manifest.json": json(version: "2.0.0")])
                == "manifest.json:1:86: pack.version: is 2.0.0, and manifest.yaml says 1.0.0; next: make both manifests agree, "
                + "or remove one")
        #expect(
            try name(["manifest.yaml": yaml("autoscan: {manifest_preference: [json]}"), "manifest.json": json()])
                == "manifest.yaml:7:35: pack.autoscan.manifest_preference: is [json, yaml], and manifest.json says "
                + "[yaml, json]; next: make both manifests agree, or remove one")
        #expect(
            try name(["manifest.yaml": yaml(), "manifest.yml": yaml()])
                == "manifest.yml: stands beside manifest.yaml; next: remove one of the two; they are the same format")
    }

    @Test("the manifest that does not count must be right too, and the problems of both are told")
    func both() throws {
        let told = try name(["manifest.yaml": yaml("x: 1"), "manifest.json": "{"])
        let lines = told.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasPrefix("manifest.yaml:7:3: pack.x: is not a known field"))
        #expect(
            lines[1]
                == "manifest.json:1:2: the text ends where a member name should be; next: correct the JSON at this place"
        )
    }

    @Test("a folder without a manifest, a link and a flood are refused")
    func none() throws {
        #expect(
            try name([:])
                == "FOLDER/pack: has no manifest; next: add manifest.yaml, manifest.yml or manifest.json to the folder")
        #expect(
            try name(["manifest.yaml": String(repeating: "#", count: 1_048_577)])
                == "manifest.yaml: has more than 1048576 bytes; next: shorten it; a manifest is a page or two")
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, [:])
            try write(yaml(), to: folder + "/outside.yaml")
            try FileManager.default.createSymbolicLink(
                atPath: pack.root + "/manifest.yaml", withDestinationPath: "../outside.yaml")
            let error = #expect(throws: DocumentError.self) { try pack.folder.manifest() }
            #expect(error?.description.hasPrefix("manifest.yaml: cannot be read: open manifest.yaml:") == true)
        }
        #expect(throws: DocumentError.self) { try PackFolder("/nowhere/at/all").manifest() }
    }
}
