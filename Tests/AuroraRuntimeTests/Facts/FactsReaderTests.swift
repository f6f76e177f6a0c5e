import AuroraModel
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraRuntime

@Suite("The facts of a device")
struct FactsReaderTests {
    static let boards = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/boards").path

    private func facts(_ board: String) -> DeviceFacts { FactsReader(root: "\(Self.boards)/\(board)").read() }

    struct Row: Sendable, CustomTestStringConvertible {
        let folder: String
        let traits: DeviceTraits
        let cores: Int
        let memoryMiB: UInt64
        var container = "none"
        let cgroups: KernelFeatures.CgroupMode
        var initSystem = "systemd"
        var userNamespaces = true
        var testDescription: String { folder }
    }

    @Test(
        "each recorded board is told apart",
        arguments: [
            Row(
                folder: "raspberry-pi-4",
                traits: DeviceTraits(machine: "aarch64", board: "raspberry-pi-4", gpus: ["broadcom"]), cores: 4,
                memoryMiB: 3794, cgroups: .v2),
            Row(
                folder: "raspberry-pi-5",
                traits: DeviceTraits(machine: "aarch64", board: "raspberry-pi-5", gpus: ["broadcom"]), cores: 4,
                memoryMiB: 8060, cgroups: .v2),
            Row(
                folder: "jetson-orin-nano",
                traits: DeviceTraits(machine: "aarch64", board: "jetson-orin-nano", gpus: ["tegra"]), cores: 6,
                memoryMiB: 7624, cgroups: .v2),
            Row(
                folder: "x86-server", traits: DeviceTraits(machine: "x86_64", gpus: ["mgag200", "nvidia"]), cores: 56,
                memoryMiB: 257662, cgroups: .v2),
            Row(
                folder: "docker-container", traits: DeviceTraits(machine: "x86_64"), cores: 4, memoryMiB: 15932,
                container: "docker", cgroups: .v2, initSystem: "sh"),
            Row(
                folder: "cgroup-v1", traits: DeviceTraits(machine: "x86_64", gpus: ["virtio"]), cores: 3,
                memoryMiB: 3946, cgroups: .v1, initSystem: "init", userNamespaces: false),
            Row(
                folder: "virtual-machine", traits: DeviceTraits(machine: "x86_64"), cores: 2, memoryMiB: 0,
                container: "docker", cgroups: .hybrid, initSystem: "init"),
        ])
    func board(_ row: Row) {
        let facts = facts(row.folder)
        #expect(facts.traits == row.traits)
        #expect(facts.cores == row.cores)
        #expect(row.memoryMiB == 0 ? facts.memoryBytes > 1 << 30 : facts.memoryBytes >> 20 == row.memoryMiB)
        #expect(facts.container == row.container)
        #expect(facts.kernel.cgroupMode == row.cgroups)
        #expect(facts.kernel.userNamespaces == row.userNamespaces)
        #expect(facts.kernel.seccomp == true)
        #expect(facts.system.initSystem == row.initSystem)
        #expect(!facts.system.kernel.isEmpty && !facts.system.name.isEmpty)
        #expect(facts.disk == nil && facts.kernel.landlockVersion == nil && facts.kernel.openat2 == nil)
    }

    @Test("boards and graphics processors are described in their makers' words")
    func details() {
        let jetson = facts("jetson-orin-nano")
        #expect(jetson.board.model == "NVIDIA Jetson Orin Nano Developer Kit")
        #expect(jetson.board.compatible.last == "nvidia,tegra234" && jetson.board.tegraRelease == "36.3.0")
        #expect(jetson.gpus == [DeviceFacts.GPU(kind: "tegra", driver: "nvgpu", nodes: ["/dev/nvmap"])])
        #expect(jetson.time == DeviceFacts.Time(isSynchronized: nil, service: "chrony"))
        let server = facts("x86-server")
        #expect(server.board.vendor == "Dell Inc." && server.board.model == "PowerEdge R650")
        #expect(
            server.gpus.last
                == DeviceFacts.GPU(kind: "nvidia", driver: "nvidia", nodes: ["/dev/nvidia0"], model: "NVIDIA A2"))
        let pi = facts("raspberry-pi-4")
        #expect(pi.gpus.map(\.driver) == ["v3d", "vc4-drm"])
        #expect(pi.gpus.first?.nodes == ["/dev/dri/card1", "/dev/dri/renderD128"])
        #expect(pi.kernel.cgroupControllers == ["cpu", "cpuset", "io", "pids"])
        #expect(pi.time == DeviceFacts.Time(isSynchronized: true, service: "systemd-timesyncd"))
        #expect(pi.interpreters.map(\.path) == ["/usr/bin/python3", "/usr/bin/bash", "/usr/bin/sh"])
        #expect(facts("virtual-machine").kernel.cgroupControllers.contains("pids"))
    }

    @Test("the JSON is canonical, has the same keys on every device, and each is documented")
    func json() throws {
        let documented = try readText(Self.boards + "/../../../../docs/formats/device-facts.md")
        let shape = Self.keys(facts("x86-server").json)
        for board in ["raspberry-pi-5", "docker-container", "no-such-board"] {
            #expect(Self.keys(facts(board).json) == shape)
        }
        for key in shape { #expect(documented.contains("`\(key)`"), "\(key) is not documented") }
        let value = facts("raspberry-pi-5").json
        let (canonical, plain) = (try JSONParser.parse(value.documentBytes), try JSONParser.parse(value.compactBytes))
        #expect(canonical.documentBytes == plain.documentBytes)
        #expect(value["board"]?["id"] == "raspberry-pi-5" && value["disk"] == .null)
    }

    /// The paths of all members that every device has.
    private static func keys(_ value: JSONValue, _ prefix: String = "") -> [String] {
        (value.object?.members ?? []).flatMap { member -> [String] in
            let path = prefix.isEmpty ? member.key : "\(prefix).\(member.key)"
            return [path] + keys(member.value, path)
        }.sorted()
    }

    @Test("a pack's variant follows from the facts")
    func variant() throws {
        var condition = PackManifest.Condition()
        condition.boards = [try #require(TraitPattern("jetson-*"))]
        condition.gpus = [try #require(TraitPattern("tegra"))]
        #expect(condition.holds(for: facts("jetson-orin-nano").traits))
        #expect(!condition.holds(for: facts("raspberry-pi-5").traits))
        #expect(!condition.holds(for: facts("x86-server").traits))
    }

    @Test("this machine tells what only a running kernel can tell")
    func live() throws {
        try withTemporaryDirectory { folder in
            let facts = FactsReader(root: "/", state: "\(folder)/not/there/yet").read()
            #expect(facts.machine == KernelProbe.machine && facts.cores > 0 && facts.memoryBytes > 0)
            #expect(facts.disk?.path == folder && (facts.disk?.bytes ?? 0) > 0)
            #expect(facts.kernel.openat2 == true && facts.kernel.pidfd == true)
            #expect(facts.kernel.landlockVersion != nil && facts.kernel.renameExchange != nil)
            #expect(facts.time.isSynchronized != nil)
            #expect(facts.interpreters.contains { $0.name == "sh" })
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty, "a probe left something")
        }
    }

    @Test("a device whose files are missing, huge, binary or traps is described without trouble")
    func hostile() throws {
        try withTemporaryDirectory { folder in
            var numbers = RepeatableNumbers(seed: 3)
            let paths = [
                "proc/cpuinfo", "proc/meminfo", "proc/mounts", "proc/sys/kernel/osrelease", "proc/1/comm",
                "proc/1/cgroup",
                "proc/1/environ", "sys/devices/system/cpu/online", "etc/os-release", "etc/nv_tegra_release",
                "proc/device-tree/compatible", "proc/device-tree/model", "proc/sys/user/max_user_namespaces",
                "sys/class/drm/card0/device/uevent", "run/systemd/container",
            ]
            for round in 0..<60 {
                let root = "\(folder)/\(round)"
                for path in paths {
                    let full = "\(root)/\(path)"
                    try write("", to: full)
                    let file = try Descriptor.open(full, [.writeOnly, .truncate])
                    try file.write(all: Self.noise(path, round, &numbers))
                }
                let facts = FactsReader(root: root).read()
                let text = String(decoding: facts.json.documentBytes, as: UTF8.self)
                #expect(text.utf8.count < 64 << 10)
                #expect(!text.contains("\u{1B}"), "nothing that a terminal obeys")
            }
            #expect(FactsReader(root: "\(folder)/none").read().cores == 0)
        }
    }

    private static func noise(_ path: String, _ round: Int, _ numbers: inout RepeatableNumbers) -> [UInt8] {
        switch round % 4 {
        case 0: return (0..<5000).map { _ in UInt8.random(in: 0...255, using: &numbers) }
        case 1: return Array(String(repeating: "18446744073709551615-0,", count: 20_000).utf8)
        case 2:
            let line =
                "MemTotal: 99999999999999999999 kB\nNAME=\u{1B}[31m\u{202E}\ncgroup2 cgroup2 cgroup2 cgroup2\nDRIVER=\u{7}\n"
            return Array(String(repeating: line, count: 200).utf8)
        default: return [UInt8](repeating: 0, count: 300_000)
        }
    }

    @Test("links of a recorded device lead nowhere outside of it, and what is no file is not read")
    func confinement() throws {
        try withTemporaryDirectory { folder in
            try write("ID=secret\n", to: "\(folder)/outside")
            try FileManager.default.createDirectory(atPath: "\(folder)/root/etc", withIntermediateDirectories: true)
            let release = "\(folder)/root/etc/os-release"
            for target in ["/etc/os-release", "../../outside", "\(folder)/outside", "/proc/self/root/etc/os-release"] {
                try FileManager.default.createSymbolicLink(atPath: release, withDestinationPath: target)
                #expect(FactsReader(root: "\(folder)/root").read().system.id == "", "\(target)")
                try FileManager.default.removeItem(atPath: release)
            }
            #expect(mkfifo(release, 0o600) == 0)
            #expect(FactsReader(root: "\(folder)/root").read().system.id == "")
        }
    }

    @Test("the doctor's part says what is short and what to do")
    func doctor() throws {
        let pi = DeviceDoctor.examine(facts("raspberry-pi-4"))
        let groups = try #require(pi.first { $0.name == "device: cgroups" })
        #expect(
            !groups.isGood && groups.detail == "v2, without memory" && groups.remedy.contains("cgroup_enable=memory"))
        #expect(pi.first?.detail.contains("Raspberry Pi 4 Model B Rev 1.5, 4 cores, 3.7 GiB memory") == true)
        let old = DeviceDoctor.examine(facts("cgroup-v1"))
        #expect(old.first { $0.name == "device: user namespaces" }?.isGood == false)
        let container = DeviceDoctor.examine(facts("docker-container"))
        #expect(container.contains { $0.name == "device: python3" && $0.remedy == "apt install python3" })
        #expect(container.first?.detail.hasSuffix("in a container (docker)") == true)
    }

    @Test("layers that packs cannot have are in the facts and in the doctor's part, where somebody tried")
    func missingLayers() throws {
        func read(_ missing: [SandboxRefusal]) -> DeviceFacts { FactsReader(missingLayers: { missing }).read() }
        func rooms(_ facts: DeviceFacts) -> [DeviceDoctor.Finding] {
            DeviceDoctor.examine(facts).filter { $0.name == "device: rooms" }
        }
        let short = read([SandboxRefusal(.landlock, "only ABI 1"), SandboxRefusal(.cgroup, "none", remedy: "mount")])
        #expect(rooms(short).map(\.isGood) == [false, false])
        #expect(rooms(short).last?.detail == "packs cannot have the layer cgroup: none")
        #expect(rooms(short).last?.remedy == "mount")
        #expect(short.json["missing_layers"]?[0]?["layer"]?.string == "landlock")
        #expect(rooms(read([])).map(\.isGood) == [true])
        let copy = FactsReader(root: "\(Self.boards)/raspberry-pi-4", missingLayers: { [] }).read()
        #expect(copy.missingLayers == nil && rooms(copy).isEmpty && copy.json["missing_layers"]?.isNull == true)
    }
}
