import AuroraModel
import AuroraPacks
import AuroraTrust

/// `aurora device init`: the file in which an operator decides about a device.
enum DeviceSetup {
    static let command = Command(
        "device init", "make this machine a device: write its device.yaml",
        discussion: """
            Without a device.yaml a device takes nothing from anybody. This writes one that names the operators whose \
            signed approvals count; every other answer starts as refuse. An existing file is left alone.
            """,
        options: [
            .value("name", "NAME", "what approvals call this device [device]"),
            .value(
                "operator-key", "NAME=FILE", isRepeatable: true,
                "an operator, and the file with the line of aurora key export-public"),
            .flag("accept-console", "accept approvals typed at this terminal, with the name of the login"),
            .flag("accept-unsigned", "accept packs nobody signed, and folders whose digests are filled in here"),
            .device,
        ],
        examples: [
            "device init --name gateway-7 --operator-key ann=ann.pub", "device init --accept-console --accept-unsigned",
        ],
        run: run)

    private static func run(_ invocation: Invocation) throws -> ExitCode {
        let places = try invocation.devicePlaces
        guard !LocalFile.exists(places.configuration) else {
            throw CommandError(
                "there is a configuration already: \(places.configuration)",
                remedy: "edit it, or name another --state",
                code: "device_exists", exit: .conflict)
        }
        let text = try configuration(invocation)
        // Written only when it reads back: what this prints is what the device will go by.
        _ = try DeviceConfiguration.parse(Array(text.utf8), file: places.configuration)
        try FolderMaker.make(places.root, mode: 0o755)
        // For its owner alone: variables that are lent to packs may be written into it.
        try LocalFile.write(places.configuration, Array(text.utf8), mode: 0o600)
        invocation.console.show("Device", ["configuration": .string(places.configuration)], names: [places.root]) {
            "\(places.configuration) is written"
        }
        invocation.console.note("  next: aurora pack stage FOLDER")
        return .success
    }

    private static func configuration(_ invocation: Invocation) throws -> String {
        let line = invocation.line
        let name = try line.value("name").map(TargetName.require)
        let isUnsigned = line.has("accept-unsigned")
        return """
            # What the operator decides about this device; every field is explained in docs/formats/device.md.
            version: \(DeviceConfiguration.format)
            \(name.map { "name: \($0)" } ?? "# name: gateway-7")

            # "refuse" is the answer wherever a line is left out.
            policy:
              console: \(line.has("accept-console") ? "accept" : "refuse")      # approvals typed at the device's own terminal
              unsealed: \(isUnsigned ? "accept" : "refuse")     # folders whose manifests leave digests empty
              unsigned: \(isUnsigned ? "accept" : "refuse")     # packs nobody signed
              unattended: refuse   # packs that ask for no approval and for nothing new

            # Whose signed approvals count here.
            \(try operators(line.values("operator-key")))
            """ + "\n"
    }

    private static func operators(_ given: [String]) throws -> String {
        guard !given.isEmpty else { return "operators: []" }
        let entries = try given.map { word -> String in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw CommandError.usage("--operator-key \(word) names no file", remedy: "--operator-key NAME=FILE")
            }
            let name = try UserName.require(parts[0])
            let text = String(
                decoding: try LocalFile.read(parts[1], what: "public key", limit: 64 << 10), as: UTF8.self)
            let keys = text.split(separator: "\n").map { String($0).trimmed }.filter { !$0.isEmpty }
            for key in keys { _ = try OperatorPublicKey(key) }
            return "  - name: \(name)\n    keys:\n" + keys.map { "      - \"\($0)\"\n" }.joined()
        }
        return "operators:\n" + entries.joined()
    }
}
