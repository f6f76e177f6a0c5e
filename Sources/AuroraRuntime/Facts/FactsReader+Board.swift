import AuroraSystem

extension FactsReader {
    /// By the device tree where there is one (ARM, RISC-V), else by what the firmware says (DMI).
    func board() -> DeviceFacts.Board {
        var board = DeviceFacts.Board()
        let tree = ["/proc/device-tree", "/sys/firmware/devicetree/base"].first { !strings("\($0)/compatible").isEmpty }
        if let tree {
            board.compatible = strings("\(tree)/compatible")
            board.model = strings("\(tree)/model").first ?? ""
            board.vendor = board.compatible.first.flatMap { $0.split(separator: ",").first.map(String.init) } ?? ""
            board.id = Self.boardID(board)
            board.tegraRelease = tegraRelease()
        } else {
            board.vendor = line("/sys/class/dmi/id/sys_vendor")
            board.model = line("/sys/class/dmi/id/product_name")
        }
        return board
    }

    /// `raspberrypi,5-model-b` becomes `raspberry-pi-5`; Jetsons are known by their names, newest first.
    private static func boardID(_ board: DeviceFacts.Board) -> String {
        for name in board.compatible {
            let halves = name.split(separator: ",", maxSplits: 1)
            guard halves.count == 2, halves[0] == "raspberrypi" else { continue }
            let words = halves[1].split(separator: "-").map(String.init)
            let isCompute = words.contains("compute") && words.contains("module")
            if isCompute {
                return "raspberry-pi-compute-module"
                    + (words.first { $0.first?.isNumber == true }.map { "-\($0)" } ?? "")
            }
            return "raspberry-pi-" + (words.first.map(safe) ?? "")
        }
        guard board.compatible.contains(where: { $0.hasPrefix("nvidia,tegra") }) else { return "" }
        let model = board.model.lowercased()
        let names = ["orin nano", "orin nx", "agx orin", "agx xavier", "xavier nx", "tx2", "tx1", "nano", "thor"]
        switch names.first(where: { model.contains($0) }) {
        case "agx orin": return "jetson-orin-agx"
        case "agx xavier": return "jetson-xavier-agx"
        case .some(let name): return "jetson-" + name.split(separator: " ").joined(separator: "-")
        case nil: return "jetson"
        }
    }

    /// Lower-case letters, digits and dashes only.
    static func safe(_ text: String) -> String {
        String(text.lowercased().prefix(32).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }

    /// "# R36 (release), REVISION: 3.0, …" becomes 36.3.0.
    private func tegraRelease() -> String {
        let words = line("/etc/nv_tegra_release").split { $0 == " " || $0 == "," }
        guard let release = words.first(where: { $0.hasPrefix("R") && $0.dropFirst().allSatisfy(\.isNumber) }),
            let place = words.firstIndex(of: "REVISION:"), place + 1 < words.count
        else { return "" }
        return "\(release.dropFirst()).\(words[place + 1])"
    }

    // MARK: Graphics

    func gpus() -> [DeviceFacts.GPU] {
        var found = cards()
        let models = files.names("/proc/driver/nvidia/gpus").prefix(64).map {
            pairs("/proc/driver/nvidia/gpus/\($0)/information", separator: ":")["Model"] ?? ""
        }
        if !models.isEmpty {
            found.removeAll { $0.kind == "nvidia" }
            found += models.enumerated().map {
                DeviceFacts.GPU(kind: "nvidia", driver: "nvidia", nodes: ["/dev/nvidia\($0.offset)"], model: $0.element)
            }
        }
        let tegra = ["/sys/devices/gpu.0", "/sys/devices/platform/gpu.0", "/sys/devices/platform/bus@0/17000000.gpu"]
        if tegra.contains(where: { files.status($0)?.kind == .directory }) {
            found.removeAll { $0.kind == "tegra" }
            let nodes = ["/dev/nvhost-gpu", "/dev/nvmap"].filter { files.status($0) != nil }
            found.append(DeviceFacts.GPU(kind: "tegra", driver: "nvgpu", nodes: nodes))
        }
        return found.sorted()
    }

    /// What the direct rendering manager knows, each driver's nodes together.
    private func cards() -> [DeviceFacts.GPU] {
        var byDriver: [String: DeviceFacts.GPU] = [:]
        for name in files.names("/sys/class/drm") where Self.isNode(name) {
            let device = "/sys/class/drm/\(name)/device"
            let driver = pairs("\(device)/uevent", separator: "=")["DRIVER"] ?? ""
            guard !driver.isEmpty else { continue }
            let kind = Self.kind(vendor: line("\(device)/vendor"), driver: driver)
            byDriver[driver, default: DeviceFacts.GPU(kind: kind, driver: driver, nodes: [])].nodes.append(
                "/dev/dri/\(name)")
        }
        return Array(byDriver.values)
    }

    /// `card0` and `renderD128`, not the connectors beside them.
    private static func isNode(_ name: String) -> Bool {
        let number = name.hasPrefix("card") ? name.dropFirst(4) : name.hasPrefix("renderD") ? name.dropFirst(7) : ""
        return !number.isEmpty && number.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func kind(vendor: String, driver: String) -> String {
        switch (vendor, driver) {
        case ("0x10de", _), (_, "nouveau"): "nvidia"
        case ("0x8086", _): "intel"
        case ("0x1002", _): "amd"
        case ("0x1af4", _), (_, "virtio_gpu"), (_, "virtio-pci"): "virtio"
        case (_, "tegra"), (_, "nvgpu"), (_, "gk20a"), (_, "host1x_drm"): "tegra"
        case (_, "vc4"), (_, "v3d"), (_, "vc4-drm"): "broadcom"
        default: safe(driver)
        }
    }
}
