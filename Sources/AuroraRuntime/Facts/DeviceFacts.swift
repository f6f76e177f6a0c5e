package import AuroraSandbox

/// What a device is and what it offers, as far as it can be told from its files.
///
/// Every member has a fixed key in ``json``; nil and empty mean that it is not known.
package struct DeviceFacts: Hashable, Sendable {
    /// The operating system.
    package struct System: Hashable, Sendable {
        /// `ID`, `VERSION_ID` and `PRETTY_NAME` of os-release(5).
        package var id = ""
        package var version = ""
        package var name = ""
        /// The kernel's release, such as `6.1.0-18-arm64`.
        package var kernel = ""
        /// What runs as process 1: `systemd`, or the program's own name.
        package var initSystem = ""
    }

    /// The computer it runs on.
    package struct Board: Hashable, Sendable {
        /// A stable word such as `raspberry-pi-5`, `jetson-orin-nano`; empty for computers without one.
        package var id = ""
        /// The maker's own words.
        package var model = ""
        package var vendor = ""
        /// The names of a device tree, most specific first.
        package var compatible: [String] = []
        /// NVIDIA's release of Linux for Tegra, such as `36.3`.
        package var tegraRelease = ""
    }

    /// A graphics processor.
    package struct GPU: Hashable, Sendable, Comparable {
        /// `nvidia`, `tegra`, `broadcom`, `intel`, `amd`, `virtio`, or the driver's name.
        package var kind: String
        package var driver: String
        /// Device nodes that programs open, such as `/dev/dri/renderD128`.
        package var nodes: [String]
        /// The model where the driver tells it.
        package var model = ""

        package static func < (left: GPU, right: GPU) -> Bool { (left.kind, left.driver) < (right.kind, right.driver) }
    }

    /// The file system of the state folder.
    package struct Disk: Hashable, Sendable {
        package var path: String
        package var bytes: UInt64
        package var freeBytes: UInt64
    }

    /// A program that runs scripts.
    package struct Interpreter: Hashable, Sendable {
        package var name: String
        package var path: String
    }

    /// How far the wall clock can be believed.
    package struct Time: Hashable, Sendable {
        /// Nil when neither the kernel nor a service tells.
        package var isSynchronized: Bool?
        /// The service that keeps it: `systemd-timesyncd`, `chrony`, `ntpd`; empty when none was found.
        package var service = ""
    }

    package var system = System()
    /// As `uname -m` says it.
    package var machine = ""
    package var cores = 0
    package var memoryBytes: UInt64 = 0
    package var disk: Disk?
    package var board = Board()
    package var gpus: [GPU] = []
    /// `docker`, `podman`, `lxc`, `systemd-nspawn`, `kubernetes` or another manager's word; `none` on a machine itself.
    package var container = "none"
    package var interpreters: [Interpreter] = []
    package var kernel = KernelFeatures()
    package var time = Time()
    /// Layers of a pack's room that this machine cannot give; nil where nobody tried.
    package var missingLayers: [SandboxRefusal]?

    /// Nothing known yet.
    package init() {}
}

/// What the kernel offers for confinement and for changes in one step.
package struct KernelFeatures: Hashable, Sendable {
    /// How control groups are mounted.
    package enum CgroupMode: String, Hashable, Sendable {
        case v1, v2, hybrid, none
    }

    /// Whether users other than root may make user namespaces.
    package var userNamespaces: Bool?
    /// The version of Landlock; nil where it was not probed.
    package var landlockVersion: Int?
    package var seccomp: Bool?
    package var cgroupMode = CgroupMode.none
    /// By name, of both versions.
    package var cgroupControllers: [String] = []
    /// Whether the state folder's file system copies by sharing blocks.
    package var reflink: Bool?
    /// Whether it exchanges two names in one step.
    package var renameExchange: Bool?
    package var openat2: Bool?
    package var pidfd: Bool?
}
