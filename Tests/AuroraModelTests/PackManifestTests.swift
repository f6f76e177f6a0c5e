import AuroraModel
import Testing

@Suite("Pack values")
struct PackManifestTests {
    @Test(
        "a path of a pack is taken as it is written",
        arguments: ["install.sh", "core/vfs.py", "a b/ä.txt", ".hidden", "a..b", "...", "deep/er/and/deeper"])
    func paths(_ text: String) throws {
        let path = try #require(PackPath(text))
        #expect(path.text == text)
        #expect(path.firstPart == text.split(separator: "/")[0])
    }

    @Test(
        "a path that leads out of the pack, or that a line cannot hold, is refused",
        arguments: [
            "", "/etc/passwd", "..", ".", "../x", "x/..", "x/../y", "./x", "x/.", "x//y", "x/", "/", "a\0b", "a\nb",
            "a\tb",
            "\u{202E}exe.sh", "a\u{7F}", String(repeating: "a", count: 256), String(repeating: "a/", count: 512) + "a",
        ])
    func badPaths(_ text: String) {
        #expect(PackPath(text) == nil)
    }

    @Test("paths differ by their code points, and sort by their bytes")
    func pathOrder() throws {
        let composed = try #require(PackPath("\u{E9}"))
        let decomposed = try #require(PackPath("e\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(decomposed < composed)
    }

    @Test("a pack may ask for no variable of the loader, of the shell's start or of Aurora")
    func environment() {
        for text in ["CUDA_HOME", "_x", "PYTHON", "a1"] { #expect(EnvironmentName(text) != nil, "\(text)") }
        for text in ["", "1A", "A-B", "A=B", "AURORA_API_TOKEN", "LD_PRELOAD", "BASH_ENV", "ENV", "IFS", "Ä"] {
            #expect(EnvironmentName(text) == nil, "\(text)")
        }
    }

    /// A pack with a variant for Jetson boards and one for everything else with an ARM processor.
    private func pack() throws -> PackManifest {
        func path(_ text: String) throws -> PackPath { try #require(PackPath(text)) }
        var pack = PackManifest(
            id: try #require(PackID("p")), name: "P", version: try #require(SemanticVersion("1.0.0")),
            entrypoint: .init(
                install: try path("install.sh"), start: try path("start.sh"), stop: try path("stop.sh"),
                health: try path("health.sh")))
        pack.requiredEnvironment = [try #require(EnvironmentName("A"))]
        var jetson = PackManifest.Condition()
        jetson.boards = [try #require(TraitPattern("jetson*"))]
        jetson.gpus = [try #require(TraitPattern("nvidia"))]
        var variant = PackManifest.Variant(name: "jetson", condition: jetson)
        variant.entrypoint.start = try path("jetson/start.sh")
        variant.artifacts = [.init(path: try path("jetson/core.so"), digest: nil)]
        variant.requiredEnvironment = try ["A", "CUDA_HOME"].map { try #require(EnvironmentName($0)) }
        var arm = PackManifest.Condition()
        arm.machines = try ["aarch64", "armv7l"].map { try #require(TraitPattern($0)) }
        pack.autoscan.variants = [variant, .init(name: "arm", condition: arm)]
        pack.autoscan.detectsDevice = true
        return pack
    }

    @Test("the first variant whose every list fits the device is taken, and only where devices are detected")
    func variants() throws {
        var pack = try pack()
        let jetson = DeviceTraits(machine: "aarch64", board: "jetson-orin-nano", gpus: ["other", "nvidia"])
        #expect(pack.variant(for: jetson)?.name == "jetson")
        #expect(pack.variant(for: DeviceTraits(machine: "aarch64", board: "jetson-nano"))?.name == "arm")
        #expect(pack.variant(for: DeviceTraits(machine: "x86_64", gpus: ["nvidia"])) == nil)
        pack.autoscan.detectsDevice = false
        #expect(pack.variant(for: jetson) == nil)
        #expect(pack.taken(on: jetson).entrypoint == pack.entrypoint)
    }

    @Test("a variant replaces the entrypoints it names, and adds its artifacts and variables")
    func taken() throws {
        let pack = try pack()
        let taken = pack.taken(on: DeviceTraits(machine: "aarch64", board: "jetson", gpus: ["nvidia"]))
        #expect(taken.entrypoint.start.text == "jetson/start.sh" && taken.entrypoint.stop.text == "stop.sh")
        #expect(taken.artifacts.map(\.path.text) == ["jetson/core.so"])
        #expect(taken.requiredEnvironment.map(\.text) == ["A", "CUDA_HOME"])
        #expect(taken.autoscan.variants.isEmpty)
        #expect(!pack.isSealed && !taken.isSealed)
        #expect(pack.taken(on: DeviceTraits(machine: "riscv64")).isSealed)
    }

    @Test("a pattern fits a fact by its word or its beginning, and never a fact that is not known")
    func patterns() throws {
        #expect(try #require(TraitPattern("raspberry-pi*")).matches("raspberry-pi-4"))
        #expect(try #require(TraitPattern("raspberry-pi")).matches("raspberry-pi-4") == false)
        #expect(try #require(TraitPattern("*")).matches("anything"))
        #expect(try #require(TraitPattern("*")).matches("") == false)
        for text in ["", "A", "a*b", "**", "a b", "*a"] { #expect(TraitPattern(text) == nil, "\(text)") }
    }

    @Test("permissions widen with the network, with a folder, and with a right to write")
    func widening() throws {
        let logs = try #require(MountName("logs"))
        var none = PackManifest.Permissions()
        let empty = none
        var reading = none
        reading.readable = [logs]
        var writing = none
        writing.writable = [logs]
        none.network = .shared
        #expect(none.widens(empty) && !empty.widens(none) && !none.widens(none))
        #expect(reading.widens(empty) && writing.widens(reading) && !reading.widens(writing))
    }
}
