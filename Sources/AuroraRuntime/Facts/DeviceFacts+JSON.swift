package import AuroraModel
import AuroraSandbox

extension DeviceFacts {
    /// The facts with stable keys, as docs/formats/device-facts.md describes them.
    package var json: JSONValue {
        [
            "schema": "aurora-device-facts-v1",
            "platform": [
                "system": "linux", "id": .string(system.id), "version": .string(system.version),
                "name": .string(system.name), "kernel": .string(system.kernel), "init": .string(system.initSystem),
            ],
            "machine": .string(machine), "cores": .integer(Int64(cores)), "memory_bytes": Self.number(memoryBytes),
            "disk": disk.map {
                [
                    "path": .string($0.path), "bytes": Self.number($0.bytes), "free_bytes": Self.number($0.freeBytes),
                ]
            } ?? .null,
            "board": [
                "id": .string(board.id), "model": .string(board.model), "vendor": .string(board.vendor),
                "compatible": JSONValue(board.compatible), "tegra_release": .string(board.tegraRelease),
            ],
            "gpus": .array(
                gpus.map {
                    [
                        "kind": .string($0.kind), "driver": .string($0.driver), "nodes": JSONValue($0.nodes),
                        "model": .string($0.model),
                    ]
                }),
            "container": .string(container),
            "interpreters": .array(interpreters.map { ["name": .string($0.name), "path": .string($0.path)] }),
            "kernel": kernel.json,
            "missing_layers": missingLayers.map { .array($0.map(Self.json)) } ?? .null,
            "time": ["synchronized": JSONValue(time.isSynchronized), "service": .string(time.service)],
        ]
    }

    private static func json(_ missing: SandboxRefusal) -> JSONValue {
        [
            "layer": .string(missing.layer.rawValue), "detail": .string(missing.detail),
            "remedy": .string(missing.remedy),
        ]
    }

    private static func number(_ value: UInt64) -> JSONValue { .integer(Int64(clamping: value)) }

    /// What chooses the variant of a pack.
    package var traits: DeviceTraits {
        DeviceTraits(
            platform: "linux", machine: machine.lowercased(), board: board.id, gpus: Set(gpus.map(\.kind)).sorted())
    }
}

extension KernelFeatures {
    fileprivate var json: JSONValue {
        [
            "user_namespaces": JSONValue(userNamespaces), "landlock": JSONValue(landlockVersion),
            "seccomp": JSONValue(seccomp), "cgroups": .string(cgroupMode.rawValue),
            "cgroup_controllers": JSONValue(cgroupControllers), "reflink": JSONValue(reflink),
            "rename_exchange": JSONValue(renameExchange), "openat2": JSONValue(openat2), "pidfd": JSONValue(pidfd),
        ]
    }
}
