import AuroraModel
import AuroraSystem
import Glibc

/// The commands of `aurora device`.
enum DeviceCommands {
    static let commands: [Command] = [
        facts, DeviceSetup.command, DeviceLog.command, DeviceJobs.command, WaiverCommand.command,
    ]

    static let facts = Command(
        "device facts", "show what this machine is and what it offers to packs",
        discussion: """
            Read from /proc, /sys and /etc; what only the running kernel can tell is tried out harmlessly. With --root the \
            files of a folder are read instead, such as a copy of another device's, and nothing is tried.

            Packs choose their variant by machine, board and kinds of graphics processors.
            """,
        options: [
            .value("root", "DIR", hint: .directory, "read the files below DIR instead of this machine's"),
            .examinedState,
        ],
        examples: ["device facts", "device facts --json", "device facts --root /mnt/pi"],
        run: { invocation in
            let root = invocation.line.value("root") ?? "/"
            guard (try? Descriptor.open(root, [.pathOnly, .directory])) != nil else {
                throw CommandError(
                    "there is no folder \(root)", remedy: "name a folder that holds proc, sys and etc",
                    code: "no_folder",
                    exit: .notFound)
            }
            let state = invocation.examinedState
            let facts = invocation.services.deviceFacts(root, state)
            invocation.console.show("DeviceFacts", facts) { DeviceText.facts(facts) }
            return .success
        })
}

/// The facts of a device for people.
enum DeviceText {
    /// Lines of `name   value`; what is not known is left out.
    static func facts(_ json: JSONValue) -> String {
        let (platform, board) = (json["platform"] ?? .null, json["board"] ?? .null)
        var facts = Facts()
        facts.add("system", platform.text("name"))
        facts.add("kernel", platform.text("kernel"))
        facts.add("init", platform.text("init"))
        facts.add("machine", json.text("machine"))
        facts.add("cores", json.text("cores"))
        facts.add("memory", size(json["memory_bytes"]))
        if let disk = json["disk"], !disk.isNull {
            facts.add("disk", "\(size(disk["free_bytes"])) of \(size(disk["bytes"])) free at \(disk.text("path"))")
        }
        facts.add("board", [board.text("id"), board.text("model")].filter { !$0.isEmpty }.joined(separator: ": "))
        facts.add("vendor", board.text("vendor"))
        facts.add("tegra release", board.text("tegra_release"))
        for gpu in json.list("gpus") {
            let words = [gpu.text("kind"), gpu.text("model"), gpu.text("nodes")]
            facts.add("gpu", words.filter { !$0.isEmpty }.joined(separator: ", "))
        }
        facts.add("container", json.text("container"))
        facts.add("interpreters", json.list("interpreters").map { $0.text("path") }.joined(separator: ", "))
        addKernel(json["kernel"] ?? .null, to: &facts)
        for missing in json.list("missing_layers") {
            facts.add(
                "packs lack", "\(missing.text("layer")): \(missing.text("detail")); \(missing.text("remedy"))")
        }
        let time = json["time"] ?? .null
        facts.add("time synchronized", time.text("synchronized"))
        facts.add("time service", time.text("service"))
        return facts.text
    }

    private static func addKernel(_ kernel: JSONValue, to facts: inout Facts) {
        facts.add("user namespaces", kernel.text("user_namespaces"))
        facts.add("landlock", kernel["landlock"]?.integer.map { $0 == 0 ? "no" : "version \($0)" } ?? "")
        facts.add("seccomp", kernel.text("seccomp"))
        let controllers = kernel.text("cgroup_controllers")
        facts.add("cgroups", kernel.text("cgroups") + (controllers.isEmpty ? "" : ": " + controllers))
        facts.add("reflink", kernel.text("reflink"))
        facts.add("rename exchange", kernel.text("rename_exchange"))
        facts.add("openat2", kernel.text("openat2"))
        facts.add("pidfd", kernel.text("pidfd"))
    }

    private static func size(_ value: JSONValue?) -> String {
        guard let bytes = value?.integer, bytes > 0 else { return "" }
        guard bytes >= 1 << 30 else { return "\(bytes >> 20) MiB" }
        let tenths = bytes / ((1 << 30) / 10)
        return "\(tenths / 10).\(tenths % 10) GiB"
    }
}
