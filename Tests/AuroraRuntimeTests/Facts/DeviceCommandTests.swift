import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraRuntime

/// The real program, as a person or a script runs it.
@Suite("aurora device facts and aurora doctor")
struct DeviceCommandTests {
    private func aurora(_ arguments: String...) throws -> (status: ProcessOutcome, output: String, errors: String) {
        let result = try Processes.run(
            ProcessSpec(
                executable: try BuiltPrograms.path("aurora"), arguments: arguments,
                environment: ["HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "AURORA_HUB": "http://127.0.0.1:1"],
                outputLimit: 1 << 20))
        return (
            result.outcome, String(decoding: result.output, as: UTF8.self),
            String(decoding: result.errorOutput, as: UTF8.self)
        )
    }

    private func members(_ json: JSONValue) -> [String] { json.object?.members.map(\.key) ?? [] }

    @Test("the JSON of a recorded board is the reader's, in the envelope of every command")
    func json() throws {
        let root = "\(FactsReaderTests.boards)/raspberry-pi-5"
        let ran = try aurora("device", "facts", "--json", "--root", root)
        #expect(ran.status == .exited(0), "\(ran.errors)")
        let json = try JSONParser.parse(ran.output)
        #expect(json["kind"] == "DeviceFacts" && json["apiVersion"] == "aurora/v1")
        let expected = FactsReader(root: root).read().json
        for key in members(expected) { #expect(json[key] == expected[key], "\(key)") }
    }

    @Test("the text names the board, its memory and its interpreters, and leaves out what is not known")
    func text() throws {
        let ran = try aurora("device", "facts", "--root", "\(FactsReaderTests.boards)/jetson-orin-nano")
        let lines = ran.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("board jetson-orin-nano: NVIDIA Jetson Orin Nano Developer Kit"))
        #expect(lines.contains("tegra release 36.3.0") && lines.contains("cores 6") && lines.contains("memory 7.4 GiB"))
        #expect(lines.contains("gpu tegra, /dev/nvmap"))
        #expect(lines.contains("interpreters /usr/bin/python3, /usr/bin/bash, /usr/bin/sh"))
        #expect(!ran.output.contains("landlock") && !ran.output.contains("time synchronized"))
    }

    @Test("this machine's facts come with what was probed")
    func live() throws {
        let json = try JSONParser.parse(try aurora("device", "facts", "--json").output)
        #expect(json["kernel"]?["openat2"] == true && json["disk"]?["bytes"]?.integer ?? 0 > 0)
    }

    @Test("a folder that is not there is refused with the remedy")
    func missingRoot() throws {
        let ran = try aurora("device", "facts", "--root", "/no/such/folder")
        #expect(ran.status == .exited(3))
        #expect(ran.errors.contains("there is no folder /no/such/folder") && ran.errors.contains("next: name a folder"))
    }

    @Test("the doctor looks at the device too, in words and in JSON")
    func doctor() throws {
        let text = try aurora("doctor").output
        for name in ["device  ", "device: time", "device: cgroups", "device: disk"] {
            #expect(text.contains(name), "\(name)")
        }
        let json = try JSONParser.parse(try aurora("doctor", "--json").output)
        #expect(json["device"]?["schema"] == "aurora-device-facts-v1")
        #expect(json["items"]?.array?.contains { $0["name"] == "device" } == true)
    }
}
