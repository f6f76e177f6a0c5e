/// Everything `aurora-launcher` does before it executes a program, as bytes it reads from a descriptor.
///
/// That is a file, or a socket: then it is one packet with descriptors, which get the numbers after the socket's.
/// Layout (all integers little endian; `string` = u32 length, the bytes, one NUL not counted in the length; `list` = u32
/// count and the items): `AURORA-LAUNCH-2` and a NUL; u32 flags; u32 uid; u32 gid; u32 status descriptor; u32 program
/// descriptor (0xFFFFFFFF: none); u32 descriptor of the directory to mount (0xFFFFFFFF: none); u32 lowest Landlock ABI;
/// list of `cgroup.procs` files to join, each u32 descriptor; list of what appears at `/mnt/0`, `/mnt/1` …, each u32
/// descriptor; list of limits, each u32 resource and u64 value; list of kept descriptors, each u32; list of Landlock
/// rules, each u32 descriptor (or 0xFFFFFFFF), u32 1 when it may be missing, u64 access, string path; string seccomp
/// program; string working directory; string program path; list of arguments, each string; list of environment entries,
/// each string. Nothing may follow.
struct LauncherSpec {
    struct Flags: OptionSet {
        let rawValue: UInt32
        static let identity = Flags(rawValue: 1)
        static let dieWithParent = Flags(rawValue: 2)
        static let noNewPrivileges = Flags(rawValue: 4)
        static let landlock = Flags(rawValue: 8)
        static let seccomp = Flags(rawValue: 16)
        /// Landlock leaves TCP alone.
        static let network = Flags(rawValue: 32)
        /// Every capability set is emptied with the change of user.
        static let noCapabilities = Flags(rawValue: 64)
        /// No program: the launcher stays and runs what it is asked to over the status descriptor, a socket.
        static let keeper = Flags(rawValue: 128)
        /// A keeper outside of a process namespace: it adopts orphans and ends what is left before it ends.
        static let reaper = Flags(rawValue: 256)
    }

    static let none = UInt32.max

    var flags: Flags = []
    var uid: UInt32 = 0
    var gid: UInt32 = 0
    var status: UInt32 = LauncherSpec.none
    var program: UInt32 = LauncherSpec.none
    var mount: UInt32 = LauncherSpec.none
    var landlockFloor: UInt32 = 0
    var groups: [UInt32] = []
    var shown: [UInt32] = []
    var limits: [ResourceLimit] = []
    var kept: [UInt32] = []
    var rules: [LandlockRule] = []
    var seccomp: [UInt8] = []
    var workingDirectory = "/"
    var path = ""
    var arguments: [String] = []
    var environment: [String] = []

    /// The bytes the launcher reads.
    ///
    /// - Throws: a refusal when a string holds a NUL, which C would cut.
    func encoded() throws(SandboxRefusal) -> [UInt8] {
        var bytes = Array("AURORA-LAUNCH-2\u{0}".utf8)
        for value in [flags.rawValue, uid, gid, status, program, mount, landlockFloor] { append(value, to: &bytes) }
        for list in [groups, shown] {
            append(UInt32(list.count), to: &bytes)
            for descriptor in list { append(descriptor, to: &bytes) }
        }
        append(UInt32(limits.count), to: &bytes)
        for limit in limits {
            append(limit.resource.rawValue, to: &bytes)
            append(limit.value, to: &bytes)
        }
        append(UInt32(kept.count), to: &bytes)
        for descriptor in kept { append(descriptor, to: &bytes) }
        append(UInt32(rules.count), to: &bytes)
        for rule in rules { try append(rule, to: &bytes) }
        append(UInt32(seccomp.count), to: &bytes)
        bytes += seccomp + [0]
        try append(workingDirectory, to: &bytes)
        try append(path, to: &bytes)
        for list in [arguments, environment] {
            append(UInt32(list.count), to: &bytes)
            for item in list { try append(item, to: &bytes) }
        }
        return bytes
    }

    private func append(_ rule: LandlockRule, to bytes: inout [UInt8]) throws(SandboxRefusal) {
        let (descriptor, optional, path): (UInt32, UInt32, String) =
            switch rule.place {
            case .path(let path): (LauncherSpec.none, 0, path)
            case .optionalPath(let path): (LauncherSpec.none, 1, path)
            case .descriptor(let number): (UInt32(bitPattern: number), 0, "")
            case .program: program == LauncherSpec.none ? (LauncherSpec.none, 0, self.path) : (program, 0, "")
            }
        append(descriptor, to: &bytes)
        append(optional, to: &bytes)
        append(rule.access.rawValue, to: &bytes)
        try append(path, to: &bytes)
    }

    private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }

    private func append(_ text: String, to bytes: inout [UInt8]) throws(SandboxRefusal) {
        guard !text.utf8.contains(0) else { throw SandboxRefusal(.specification, "a NUL stands in '\(text)'") }
        append(UInt32(text.utf8.count), to: &bytes)
        bytes += Array(text.utf8) + [0]
    }
}
