import AuroraFields
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraPacks

@Suite("Linting packs")
struct LintTests {
    @Test("an empty digest of the prototype's is a warning, and the only one")
    func prototype() throws {
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, ["manifest.yaml": ManifestTexts.base])
            #expect(
                pack.findings() == [
                    "warning: manifest.yaml:19:15: pack.artifacts[0].sha256: is empty: nothing says what core/vfs.py must hold; "
                        + "next: aurora pack seal"
                ])
        }
    }

    @Test("a pack that says nothing much is fine")
    func fine() throws {
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, ["manifest.yaml": ManifestTexts.least()])
            #expect(pack.findings() == [])
        }
    }

    /// Something done to a pack, or said in its manifest, and what lint says.
    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let more: String
        let change: @Sendable (String) throws -> Void
        let findings: [String]
        var testDescription: String { what }

        init(
            _ what: String, says more: String = "", _ findings: [String],
            change: @escaping @Sendable (String) throws -> Void = { _ in }
        ) {
            self.what = what
            self.more = more
            self.change = change
            self.findings = findings
        }
    }

    private static let wrong = String(repeating: "ab", count: 32)

    static let rows: [Row] = [
        Row(
            "an unknown field", says: "x: 1",
            [
                "error: manifest.yaml:7:3: pack.x: is not a known field; next: remove it, or use one of artifacts, autoscan, data, dependencies, description, entrypoint, env, hooks, id, name, permissions, resources, safety, service, version"
            ]),
        Row(
            "a missing script",
            [
                "error: manifest.yaml:6:44: pack.entrypoint.start: start.sh is not in the pack; next: add the file, or name another one"
            ]
        ) { try FileTree.remove($0 + "/start.sh") },
        Row(
            "a folder as a script",
            [
                "error: manifest.yaml:6:44: pack.entrypoint.start: start.sh is no regular file; next: add the file, or name another one"
            ]
        ) {
            try FileTree.remove($0 + "/start.sh")
            try FileManager.default.createDirectory(atPath: $0 + "/start.sh", withIntermediateDirectories: false)
        },
        Row(
            "a script that is a link",
            [
                "error: manifest.yaml:6:44: pack.entrypoint.start: start.sh is reached through a link, and links are not followed; next: add the file, or name another one"
            ]
        ) {
            try FileTree.remove($0 + "/start.sh")
            try FileManager.default.createSymbolicLink(atPath: $0 + "/start.sh", withDestinationPath: "stop.sh")
        },
        Row(
            "a script nobody may run",
            ["warning: manifest.yaml:6:44: pack.entrypoint.start: start.sh is not executable; next: chmod +x start.sh"]
        ) { try write("#!/bin/sh\n", to: $0 + "/start.sh") },
        Row(
            "a script without #!",
            [
                "warning: manifest.yaml:6:44: pack.entrypoint.start: start.sh does not begin with #!; next: make its first line #!/usr/bin/env bash, or what it is written in"
            ]
        ) { try write("echo\n", to: $0 + "/start.sh", mode: 0o755) },
        Row("a program", []) { try write("\u{7F}ELF", to: $0 + "/start.sh", mode: 0o755) },
        Row(
            "a missing hook", says: "hooks: {post_activate: hook.sh}",
            [
                "error: manifest.yaml:7:26: pack.hooks.post_activate: hook.sh is not in the pack; next: add the file, or name another one"
            ]),
        Row(
            "an artifact with another content", says: "artifacts: [{path: core/vfs.py, sha256: \"\(wrong)\"}]",
            [
                "error: manifest.yaml:7:43: pack.artifacts[0].sha256: is abababababab…, and core/vfs.py has \(TestPack.code.short)…; next: put the right file there, or accept this one with aurora pack seal"
            ]),
        Row(
            "a missing artifact", says: "artifacts: [{path: core/no.py, sha256: \"\"}, {path: gone, sha256: \(wrong)}]",
            [
                "error: manifest.yaml:7:22: pack.artifacts[0].path: core/no.py is not in the pack; next: add the file, or remove the artifact",
                "error: manifest.yaml:7:54: pack.artifacts[1].path: gone is not in the pack; next: add the file, or remove the artifact",
            ]),
        Row(
            "an artifact behind a link", says: "artifacts: [{path: link/vfs.py, sha256: \"\"}]",
            [
                "error: manifest.yaml:7:22: pack.artifacts[0].path: link/vfs.py is reached through a link, and links are not followed; next: add the file, or remove the artifact"
            ]
        ) { try FileManager.default.createSymbolicLink(atPath: $0 + "/link", withDestinationPath: "core") },
        Row(
            "a missing artifact of a variant",
            says:
                "autoscan: {auto_detect_device: true, variants: [{name: v, when: {board: [b]}, artifacts: [{path: v.so, sha256: \(wrong)}]}]}",
            [
                "warning: manifest.yaml:7:100: pack.autoscan.variants[0].artifacts[0].path: v.so is not in the pack; the variant v cannot be taken; next: add the file, or remove the artifact"
            ]),
        Row(
            "a missing script of a variant",
            says:
                "autoscan: {auto_detect_device: true, variants: [{name: v, when: {board: [b]}, entrypoint: {stop: v.sh}}]}",
            [
                "error: manifest.yaml:7:100: pack.autoscan.variants[0].entrypoint.stop: v.sh is not in the pack; next: add the file, or name another one"
            ]),
        Row(
            "variants that nothing chooses", says: "autoscan: {variants: [{name: v, when: {board: [b]}}]}",
            [
                "warning: manifest.yaml:7:24: pack.autoscan.variants: are never taken while auto_detect_device is false; next: write auto_detect_device: true, or remove the variants"
            ]),
        Row(
            "a variant that hides another",
            says: "autoscan: {auto_detect_device: true, variants: [{name: v, when: {}}, {name: w, when: {}}]}",
            [
                "warning: manifest.yaml:7:67: pack.autoscan.variants[0].when: fits every device, so the variants behind it are never taken; next: move \"v\" to the end, or say which devices it is for"
            ]),
        Row(
            "a caret below 1.0.0",
            says: "dependencies: [{pack_id: a, version_constraint: ^0.2.3}, {pack_id: b, version_constraint: ^1.2.3}]",
            [
                "note: manifest.yaml:7:51: pack.dependencies[0].version_constraint: \"^0.2.3\" means >=0.2.3 <0.3.0-0: below 1.0.0 a caret goes no further than the minor version, and below 0.1.0 no further than the patch; next: write both bounds, such as \">=0.2.0 <1.0.0\", where later minor versions are fine"
            ]),
        Row(
            "a range of nothing", says: "dependencies: [{pack_id: a, version_constraint: \">x\"}]",
            [
                "warning: manifest.yaml:7:51: pack.dependencies[0].version_constraint: \">x\" accepts no version at all; next: write the range that was meant"
            ]),
        Row(
            "a migration that never runs and cannot be taken back",
            says: "hooks: {migrate: start.sh}\ndata: {snapshot: never}",
            [
                "warning: manifest.yaml:7:20: pack.hooks.migrate: never runs: data.schema_version is 1, and there is nothing before it; next: raise data.schema_version, or remove the hook",
                "warning: manifest.yaml:8:20: pack.data.snapshot: is never, so a failed migration cannot be taken back; next: write snapshot: on_schema_change",
            ]),
        Row(
            "logs and data in the pack",
            [
                "error: data: is in the pack, and a device puts its own writable data folder there; next: remove it; install makes what it needs inside",
                "error: logs: is in the pack, and a device puts its own writable logs folder there; next: remove it; install makes what it needs inside",
            ]
        ) {
            try write("", to: $0 + "/logs/old.log")
            try write("", to: $0 + "/data")
        },
        Row(
            "a link that leads out",
            [
                "error: core/out: is a link that leads out of the pack; next: make it lead to a file of the pack, or remove it"
            ]
        ) {
            try FileManager.default.createSymbolicLink(atPath: $0 + "/core/out", withDestinationPath: "../../x")
            try FileManager.default.createSymbolicLink(atPath: $0 + "/core/in", withDestinationPath: "../core/./vfs.py")
        },
        Row(
            "an absolute link",
            [
                "error: shadow: is a link that leads out of the pack; next: make it lead to a file of the pack, or remove it"
            ]
        ) {
            try FileManager.default.createSymbolicLink(atPath: $0 + "/shadow", withDestinationPath: "/etc/shadow")
        },
        Row("a pipe", ["error: pipe: is a device, a pipe or a socket; next: remove it"]) {
            mkfifo($0 + "/pipe", 0o644)
        },
        Row(
            "a pipe as an artifact", says: "artifacts: [{path: pipe, sha256: \"\"}]",
            [
                "error: manifest.yaml:7:22: pack.artifacts[0].path: pipe is no regular file; next: add the file, or remove the artifact",
                "error: pipe: is a device, a pipe or a socket; next: remove it",
            ]
        ) { mkfifo($0 + "/pipe", 0o644) },
        Row(
            "a set-id bit",
            ["warning: core/vfs.py: has a set-id bit, which a pack does not keep; next: chmod u-s,g-s core/vfs.py"]
        ) {
            try write("code\n", to: $0 + "/core/vfs.py", mode: 0o4755)
        },
    ]

    @Test("says what is wrong, where, and what to do", arguments: rows)
    func table(_ row: Row) throws {
        try withTemporaryDirectory { folder in
            let pack = try TestPack(in: folder, ["manifest.yaml": ManifestTexts.least(row.more)])
            try row.change(pack.root)
            #expect(pack.findings() == row.findings)
        }
    }

    @Test("a folder that is not there is an error, and no more")
    func nothing() {
        let findings = PackFolder("/nowhere/at/all").lint()
        #expect(findings.allSatisfy { $0.severity == .error } && !findings.isEmpty)
    }
}
