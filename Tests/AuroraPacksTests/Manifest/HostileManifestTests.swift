import AuroraFields
import AuroraModel
import AuroraSystem
import Foundation
import Testing

@testable import AuroraPacks

@Suite("Hostile manifests")
struct HostileManifestTests {
    /// A manifest and everything that is said about it, without the file's name.
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let format: TextFormat
        let problems: [String]
        var testDescription: String { String(text.suffix(60)) }

        /// What stands in `pack` beside what must be there; its first line is line 7.
        init(_ more: String, _ problems: String...) {
            text = ManifestTexts.least(more)
            format = .yaml
            self.problems = problems
        }

        init(whole text: String, in format: TextFormat = .yaml, _ problems: [String]) {
            self.text = text
            self.format = format
            self.problems = problems
        }
    }

    private static let long = String(repeating: "a", count: 1_000_000)
    private static let noAlias =
        "anchors, aliases and tags are not read; write the value out; next: correct the YAML at this place"
    private static let idRule =
        "a pack id (1 to 64 of a-z 0-9 . _ -, starting with a letter or digit)"
    private static let path = ManifestText.codePath
    private static let names =
        "artifacts, autoscan, data, dependencies, description, entrypoint, env, hooks, id, name, permissions, "
        + "resources, safety, service, version"

    /// Nine levels of nine references each: a billion of values, if anybody followed them.
    private static let laughs = (0...9).map { level in
        "a\(level): &a\(level) ["
            + (level == 0 ? "x" : Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ","))
            + "]\n"
    }.joined()

    static let unreadable: [Row] = [
        Row(whole: laughs, ["1:5: \(noAlias)"]),
        Row(whole: "pack: *base\n", ["1:7: \(noAlias)"]),
        Row(whole: "pack: !!python/object/apply:os.system [id]\n", ["1:7: \(noAlias)"]),
        Row(whole: "", ["1:1: the text holds no document; next: correct the YAML at this place"]),
        Row(whole: "", in: .json, ["1:1: the text ends where a value should be; next: correct the JSON at this place"]),
        Row(
            whole: String(repeating: "[", count: 100_000),
            ["1:18: nested deeper than 16 levels; next: correct the YAML at this place"]),
        Row(
            whole: String(repeating: "[", count: 100_000), in: .json,
            ["1:17: more than 16 levels of arrays and objects; next: correct the JSON at this place"]),
        Row(
            whole: String(repeating: " ", count: (1 << 20) + 1),
            ["1:1: the text has 1048577 bytes; at most 1048576 are read; next: correct the YAML at this place"]),
        Row(
            whole: "[" + Array(repeating: "1", count: 50_000).joined(separator: ",") + "]", in: .json,
            ["1:1: more than 50000 values are not read; next: correct the JSON at this place"]),
        Row(
            whole: "pack: {id: a, id: b}\n",
            ["1:15: the key \"id\" stands twice; remove one; next: correct the YAML at this place"]),
        Row(
            whole: "{\"pack\": {\"id\": \"a\",\n \"id\": \"b\"}}", in: .json,
            ["2:2: the member \"id\" appears twice; next: correct the JSON at this place"]),
        Row(
            whole: "a: 1\n---\nb: 2\n",
            ["2:1: a second document begins here; keep one per file; next: correct the YAML at this place"]),
        Row(whole: "? [a]\n: 1\n", ["1:3: a key must be a single value; next: correct the YAML at this place"]),
        Row(
            whole: "a: \u{1}\n",
            ["1:1: control characters are not allowed; next: correct the YAML at this place"]),
        Row(
            whole: "{\"a\": \"\u{1}\"}", in: .json,
            ["1:8: a control character inside a string; write it as \\u00XX; next: correct the JSON at this place"]),
        Row(
            whole: "{\"a\": 1} x", in: .json,
            ["1:10: more text after the end of the value; next: correct the JSON at this place"]),
        Row(
            whole: "{'a': 1}", in: .json,
            ["1:2: ''' stands where a member name should be; next: correct the JSON at this place"]),
    ]

    static let shapes: [Row] = [
        Row(
            whole: "[]",
            [
                "1:1: must be a mapping, not a list; next: write \"key: value\" lines",
                "1:1: schema_version: is missing; next: add for example \"schema_version: \"aurora-manifest-v1\"\"",
                "1:1: pack: is missing; next: add for example \"pack: {id: my_pack, …}\"",
            ]),
        Row(
            whole: "schema_version: aurora-manifest-v2\npack: text\n",
            [
                "1:17: schema_version: \"aurora-manifest-v2\" is not aurora-manifest-v1; next: write aurora-manifest-v1",
                "2:7: pack: must be a mapping, not a single value; next: write \"key: value\" lines",
                "2:7: pack.id: is missing; next: add for example \"id: my_pack\"",
                "2:7: pack.name: is missing; next: add for example \"name: \"My pack\"\"",
                "2:7: pack.version: is missing; next: add for example \"version: \"1.0.0\"\"",
                "2:7: pack.entrypoint: is missing; next: add for example \"entrypoint: {install: install.sh, "
                    + "start: start.sh, stop: stop.sh, health: health_check.sh}\"",
            ]),
        Row(
            whole:
                "schema_version: aurora-manifest-v1\npack: {id: p, name: P, version: 1.0.0, entrypoint: {start: s.sh}}\n",
            [
                "2:52: pack.entrypoint.install: is missing; next: add for example \"install: install.sh\"",
                "2:52: pack.entrypoint.stop: is missing; next: add for example \"stop: stop.sh\"",
                "2:52: pack.entrypoint.health: is missing; next: add for example \"health: health_check.sh\"",
            ]),
        Row(
            whole:
                "schema_version: aurora-manifest-v1\npack: {id: ../x, name: 5, version: 1.0, entrypoint: 7, env: }\n",
            [
                "2:12: pack.id: \"../x\" is not \(idRule); next: write \(idRule)",
                "2:24: pack.name: is a number to a YAML reader, and must be text; next: write it in quotes: \"5\"",
                "2:36: pack.version: is a number to a YAML reader, and must be text; next: write it in quotes: \"1.0\"",
                "2:53: pack.entrypoint: must be a mapping, not a single value; next: write \"key: value\" lines",
                "2:53: pack.entrypoint.install: is missing; next: add for example \"install: install.sh\"",
                "2:53: pack.entrypoint.start: is missing; next: add for example \"start: start.sh\"",
                "2:53: pack.entrypoint.stop: is missing; next: add for example \"stop: stop.sh\"",
                "2:53: pack.entrypoint.health: is missing; next: add for example \"health: health_check.sh\"",
                "2:61: pack.env: has no value; next: write a value, or leave the field out",
            ]),
    ]

    static let fields: [Row] = [
        Row(
            "dependancies: []",
            "7:3: pack.dependancies: is not a known field; next: did you mean \"dependencies\"? else remove it, or use one of "
                + names),
        Row(
            "\"\\e[31mred\": 1",
            "7:3: pack.\\u{1b}[31mred: is not a known field; next: remove it, or use one of \(names)"),
        Row(
            "description: \(long)",
            "7:16: pack.description: has 1000000 bytes, and at most 4096 are read; next: shorten it"),
        Row(
            "description: \"a\\0b\"",
            "7:16: pack.description: \"a\\u{0}b\" is not text without control characters; next: write text without control characters"
        ),
        Row(
            "description: [a]",
            "7:16: pack.description: must be text, not a list; next: write one value after \"description:\""),
        Row(
            "description: yes",
            "7:16: pack.description: is a truth value to a YAML reader, and must be text; next: write it in quotes: \"yes\""
        ),
        Row("description: ~", "7:16: pack.description: has no value; next: write a value, or leave the field out"),
        Row(
            "dependencies: {a: b}",
            "7:17: pack.dependencies: must be a list, not a mapping; next: start each entry with \"- \""),
        Row(
            "dependencies: [{pack_id: p, version_constraint: '*'}]",
            "7:17: pack.dependencies: entry 0 is the pack itself, and no pack can be there before itself; next: remove the entry"
        ),
        Row(
            "dependencies: [{pack_id: a, version_constraint: '*'}, {pack_id: a, version_constraint: '1'}]",
            "7:17: pack.dependencies: names \"a\" twice, again as entry 1; next: name each once"),
        Row(
            "dependencies: [{pack_id: a, version_constraint: '>=1 <latest'}]",
            "7:57: pack.dependencies[0].version_constraint: \"latest\" is not a version; next: write a version such as 1.2.3, "
                + "1.2.x or *, with one of = < <= > >= ~ ^ before it"),
        Row(
            "dependencies: [{pack_id: a, version_constraint: 1.x.5}]",
            "7:51: pack.dependencies[0].version_constraint: \"1.x.5\" has a number behind a wildcard; next: leave out what follows the first x"
        ),
        Row(
            "dependencies: [{pack_id: a}]",
            "7:18: pack.dependencies[0].version_constraint: is missing; next: add for example \"version_constraint: \">=1.0.0\"\""
        ),
        Row(
            "dependencies: [" + Array(repeating: "{}", count: 257).joined(separator: ",") + "]",
            "7:17: pack.dependencies: has 257 entries, and at most 256 are read; next: shorten the list"),
        Row(
            "artifacts: [{path: /etc/passwd, sha256: ''}]",
            "7:22: pack.artifacts[0].path: \"/etc/passwd\" is not \(path); next: write \(path)"),
        Row(
            "artifacts: [{path: a/../b, sha256: ''}]",
            "7:22: pack.artifacts[0].path: \"a/../b\" is not \(path); next: write \(path)"),
        Row(
            "artifacts: [{path: logs/a, sha256: ''}]",
            "7:22: pack.artifacts[0].path: \"logs/a\" is not \(path); next: write \(path)"),
        Row(
            "artifacts: [{path: manifest.json, sha256: ''}]",
            "7:22: pack.artifacts[0].path: \"manifest.json\" is not \(path); next: write \(path)"),
        Row(
            "artifacts: [{path: a, sha256: ''}, {path: a, sha256: ''}]",
            "7:14: pack.artifacts: names \"a\" twice, again as entry 1; next: name each once"),
        Row(
            "artifacts: [{path: a, sha256: abc}]",
            "7:33: pack.artifacts[0].sha256: \"abc\" is not 64 hexadecimal digits, or empty; next: write 64 hexadecimal digits, or empty"
        ),
        Row(
            "artifacts: [{path: a, sha256: }]",
            "7:33: pack.artifacts[0].sha256: is missing; next: add for example \"sha256: \"\"\""),
        Row(
            "artifacts: [a]",
            "7:15: pack.artifacts[0]: must be a mapping, not a single value; next: write \"key: value\" lines",
            "7:15: pack.artifacts[0].path: is missing; next: add for example \"path: core/main.py\"",
            "7:15: pack.artifacts[0].sha256: is missing; next: add for example \"sha256: \"\"\""),
        Row(
            "env: {required: [AURORA_API_TOKEN]}",
            "7:20: pack.env.required[0]: \"AURORA_API_TOKEN\" is not a name (\(EnvironmentNameKind.rule)); next: write a name (\(EnvironmentNameKind.rule))"
        ),
        Row(
            "env: {required: [A, B, A]}",
            "7:19: pack.env.required: names \"A\" twice, again as entry 2; next: name each once"),
        Row(
            "env: {required: PATH}",
            "7:19: pack.env.required: must be a list, not a single value; next: write required: [first, second]"),
        Row(
            "autoscan: {manifest_preference: [toml]}",
            "7:36: pack.autoscan.manifest_preference[0]: \"toml\" is not yaml or json; next: write yaml or json"),
        Row(
            "autoscan: {manifest_preference: [json, json]}",
            "7:35: pack.autoscan.manifest_preference: names \"json\" twice, again as entry 1; next: name each once"),
        Row(
            "autoscan: {auto_detect_device: 'true'}",
            "7:34: pack.autoscan.auto_detect_device: is text in quotes, and must be true or false; next: write true or false, without quotes"
        ),
        Row(
            "autoscan: {auto_detect_device: yes}",
            "7:34: pack.autoscan.auto_detect_device: \"yes\" is not true or false; next: write true or false"),
        Row(
            "autoscan: {variants: [{name: v, when: {}}, {name: v, when: {}}]}",
            "7:24: pack.autoscan.variants: names \"v\" twice, again as entry 1; next: name each once"),
        Row(
            "artifacts: [{path: a, sha256: ''}]\nautoscan: {variants: [{name: v, when: {}, artifacts: [{path: a, sha256: ''}]}]}",
            "8:13: pack.autoscan: variants[0].artifacts names \"a\", which the pack names itself; next: name it once, in artifacts"
        ),
        Row(
            "autoscan: {variants: [{name: v, when: {board: ['*pi']}}]}",
            "7:50: pack.autoscan.variants[0].when.board[0]: \"*pi\" is not a word (\(TraitPattern.rule)); next: write a word (\(TraitPattern.rule))"
        ),
        Row(
            "safety: {health_check_timeout_seconds: 0}",
            "7:42: pack.safety.health_check_timeout_seconds: \"0\" is not a whole number from 1 to 86400; next: write a whole number from 1 to 86400"
        ),
        Row(
            "safety: {health_check_timeout_seconds: 99999999999999999999}",
            "7:42: pack.safety.health_check_timeout_seconds: \"99999999999999999999\" is not a whole number from 1 to 86400; next: write a whole number from 1 to 86400"
        ),
        Row(
            "safety: {health_check_timeout_seconds: 3_0}",
            "7:42: pack.safety.health_check_timeout_seconds: \"3_0\" is not a whole number from 1 to 86400; next: write a whole number from 1 to 86400"
        ),
        Row(
            "safety: {health_check_timeout_seconds: \"30\"}",
            "7:42: pack.safety.health_check_timeout_seconds: is text in quotes, and must be a whole number from 1 to 86400; next: write a whole number from 1 to 86400, without quotes"
        ),
        Row(
            "safety: {dry_run_supported: {}}",
            "7:31: pack.safety.dry_run_supported: must be true or false, not a mapping; next: write true or false"),
        Row(
            "data: {exclude: [../x]}",
            "7:20: pack.data.exclude[0]: \"../x\" is not a relative path below the data folder, without . and ..; next: write a relative path below the data folder, without . and .."
        ),
        Row(
            "data: {snapshot: sometimes}",
            "7:20: pack.data.snapshot: \"sometimes\" is not one of always, on_schema_change, never; next: write one of always, on_schema_change, never"
        ),
        Row(
            "permissions: {fs_read: [/etc]}",
            "7:27: pack.permissions.fs_read[0]: \"/etc\" is not a name (\(MountNameKind.rule)); next: write a name (\(MountNameKind.rule))"
        ),
        Row(
            "service: {watchdog_seconds: 5}",
            "7:31: pack.service.watchdog_seconds: needs the notify socket, and readiness is exec; next: write readiness: notify, or remove watchdog_seconds"
        ),
        Row(
            "service: {backoff: {base_seconds: 61}}",
            "7:22: pack.service.backoff.maximum_seconds: is 60, less than base_seconds (61); next: write at least 61"),
    ]

    @Test("are refused with place, field and remedy", arguments: unreadable + shapes + fields)
    func refused(_ row: Row) {
        let problems = ManifestTexts.problems(row.text, row.format)
        #expect(problems == row.problems)
    }

    @Test("at most a hundred problems of a file are told")
    func many() {
        let keys = (0..<20_000).map { "x\($0): 1\n" }.joined()
        #expect(ManifestTexts.problems(ManifestTexts.least(keys)).count == 100)
    }

    @Test("a manifest cut at any byte, or with any byte replaced, is refused or read, never worse")
    func damaged() {
        let whole = Array(ManifestTexts.base.utf8)
        var read = 0
        for index in whole.indices {
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "["), 0xFF, UInt8(ascii: "\n")] {
                var bytes = whole
                bytes[index] = byte
                read += (try? ManifestDocument(bytes, file: "m", format: .yaml)) == nil ? 0 : 1
            }
            _ = try? ManifestDocument(Array(whole[..<index]), file: "m", format: .yaml)
        }
        #expect(read > 0)
    }

    private static let corpus =
        String(
            #filePath.prefix(upTo: #filePath.range(of: "/Tests/")?.lowerBound ?? #filePath.endIndex))
        + "/Fuzz/Corpus/manifest"

    @Test("the whole corpus of the fuzzer is read or refused in one line each, and never worse")
    func everyKnownOne() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.corpus)
        #expect(names.count >= 20)
        for name in names {
            let bytes = try DurableFile.read("\(Self.corpus)/\(name)")
            for format in [TextFormat.yaml, .json] {
                do { _ = try ManifestDocument(bytes, file: name, format: format) } catch {
                    #expect(!error.problems.isEmpty, "\(name)")
                    let isHarmless = "\(error)".unicodeScalars.allSatisfy { $0 == "\n" || $0.isHarmlessInLine }
                    #expect(isHarmless, "\(name)")
                    #expect("\(error)".split(separator: "\n").count == error.problems.count, "\(name)")
                }
            }
        }
    }
}
