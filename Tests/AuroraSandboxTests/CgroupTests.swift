import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// Real groups on this machine, whatever version of cgroups it has; `CgroupV2Tests` runs them in a machine of version 2.
@Suite("Cgroups", .enabled(if: SandboxIdentity.own.uid == 0, "needs root"))
struct CgroupTests {
    @Test("processes beyond the limit are refused, and told")
    func processes() throws {
        let group = try CgroupTree.find().make("pids", CgroupLimits(memoryBytes: 256 << 20, processes: 8))
        let result = try run(
            "for i in $(seq 20); do sleep 600 & done 2>/dev/null; echo lived", in: group, timeout: .seconds(5))
        #expect(!result.isSuccess || String(decoding: result.errorOutput, as: UTF8.self).contains("fork"))
        #expect(group.processRefusals > 0)
        #expect(group.remove(timeout: .seconds(5)) == [])
    }

    @Test("memory beyond the limit is the end, and is counted")
    func memory() throws {
        let group = try CgroupTree.find().make("memory", CgroupLimits(memoryBytes: 32 << 20, processes: 32))
        #expect(group.memoryKills == 0)
        // One variable that doubles.
        let result = try run("x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done", in: group, timeout: .seconds(60))
        #expect(result.outcome == .signalled(SIGKILL))
        #expect(group.memoryKills > 0)
        #expect(group.remove(timeout: .seconds(5)) == [])
    }

    @Test("processor time beyond the limit has to wait")
    func processor() throws {
        let group = try CgroupTree.find().make(
            "cpu", CgroupLimits(memoryBytes: 64 << 20, processes: 32, cpuPercent: 20))
        let result = try run("for ((i = 0; i < 200000; i++)); do :; done", in: group, timeout: .seconds(120))
        #expect(result.isSuccess)
        #expect(group.throttledPeriods > 0)
        #expect(group.remove(timeout: .seconds(5)) == [])
    }

    @Test("what detached itself twice is ended with its group")
    func detached() throws {
        let group = try CgroupTree.find().make("kill", CgroupLimits(memoryBytes: 64 << 20, processes: 32))
        let marker = "4720.\(UInt32.random(in: 0 ... .max))"
        let result = try run(
            """
            (setsid -f bash -c 'setsid -f sleep \(marker)') </dev/null >/dev/null 2>&1
            # Before it has a session of its own it would end with this shell.
            until pgrep -xf 'sleep \(marker)'; do :; done
            """, in: group, timeout: .seconds(60))
        #expect(result.isSuccess, "\(result)")
        #expect(!group.isEmpty)
        #expect(group.remove(timeout: .seconds(10)) == [])
        let left = try Processes.run(ProcessSpec(executable: "/usr/bin/pgrep", arguments: ["-f", "sleep \(marker)"]))
        #expect(left.output == [])
    }

    @Test("a group in use is not swept")
    func inUse() throws {
        let tree = try CgroupTree.find()
        let group = try tree.make("used", CgroupLimits(memoryBytes: 64 << 20, processes: 8))
        #expect(!tree.sweep().contains(group.name))
        #expect(group.isEmpty)
        #expect(group.remove(timeout: .seconds(1)) == [])
    }

    @Test("a group that its living owner let go is swept, and not called what a dead process left")
    func letGo() throws {
        let tree = try CgroupTree.find()
        let (name, files) = try {
            let group = try tree.make("let-go", CgroupLimits(memoryBytes: 64 << 20, processes: 8))
            return (group.name, group.processFiles)
        }()
        #expect(!tree.sweep().contains(name))
        for file in files { #expect(try FileStatus.ifExists(file) == nil) }
    }

    @Test("what somebody else removed in one hierarchy is removed in the others")
    func orphans() throws {
        let tree = try CgroupTree.find()
        let group = try tree.make("orphan", CgroupLimits(memoryBytes: 64 << 20, processes: 8))
        let places = group.processFiles.map { String($0.dropLast("/tasks".count)) }
        // Version 2 has one.
        guard places.count > 1 else { return }
        #expect(rmdir(places[0]) == 0)
        // Its maker lives: it may be in use by a process that locks elsewhere.
        #expect(!tree.sweep().contains(group.name))
        let dead = try ChildProcess.start(ProcessSpec(executable: "/bin/true"))
        _ = try dead.wait(timeout: .seconds(20))
        let orphan = "orphan-\(dead.pid)-1"
        for place in places.dropFirst() {
            #expect(rename(place, place.replacing(group.name, with: orphan)) == 0 || rmdir(place) == 0)
            mkdir(place.replacing(group.name, with: orphan), 0o755)
        }
        #expect(tree.sweep().contains(orphan))
        for place in places.dropFirst() {
            #expect(try FileStatus.ifExists(place.replacing(group.name, with: orphan)) == nil)
        }
    }

    @Test("the machine's hierarchies are read from what the kernel says")
    func parsing() throws {
        let v2 = try #require(
            CgroupHierarchies.parse(mounts: "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n", own: "0::/user.slice\n"))
        #expect(v2.mode == .v2)
        let v1 = try #require(
            CgroupHierarchies.parse(
                mounts:
                    "c /sys/fs/cgroup/memory cgroup rw,memory 0 0\nc /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n",
                own: "4:memory:/\n3:cpu,cpuacct:/x\n"))
        #expect(v1.mode == .v1)
        let hybrid = try #require(
            CgroupHierarchies.parse(
                mounts: "c /sys/fs/cgroup/pids cgroup rw,pids 0 0\nc /sys/fs/cgroup/unified cgroup2 rw 0 0\n",
                own: "8:pids:/\n0::/\n"))
        #expect(hybrid.mode == .hybrid)
        #expect(CgroupHierarchies.parse(mounts: "proc /proc proc rw 0 0\n", own: "") == nil)
    }

    /// A shell that joins before it does anything else.
    private func run(_ script: String, in group: Cgroup, timeout: Duration) throws -> ProcessResult {
        let join = group.processFiles.map { "echo 0 >'\($0)'" }.joined(separator: " && ")
        return try Processes.run(
            ProcessSpec(
                executable: "/bin/bash", arguments: ["-c", "\(join) || exit 99; \(script)"],
                environment: ["PATH": "/usr/bin:/bin"], timeout: timeout))
    }
}
