import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// `CgroupTests` once more on a kernel with cgroups of version 2 alone: Debian's user-mode Linux, on this machine's files.
@Suite(
    "Cgroups of version 2", .enabled(if: access("/usr/bin/linux.uml", X_OK) == 0, "needs the package user-mode-linux"),
    .enabled(if: geteuid() == 0, "needs root"))
struct CgroupV2Tests {
    @Test("every test of cgroups passes there, at the top of the tree and in a unit that was handed its group")
    func all() throws {
        try withTemporaryDirectory { folder in
            let tests = try FileTree.readLink("/proc/self/exe")
            let script = """
                #!/bin/bash
                export PATH=/usr/bin:/bin:/usr/sbin:/sbin
                mount -t proc proc /proc
                mount -t sysfs sysfs /sys
                mount -t cgroup2 cgroup2 /sys/fs/cgroup
                tests() { exec \(tests) --testing-library swift-testing --filter "CgroupTests/$1" </dev/null 2>&1; }
                cd /sys/fs/cgroup
                (tests '')
                echo "ended with $?, kernel $(uname -r), mode $(stat -f -c %T .), in" aurora* unit/aurora*
                rmdir aurora/*/ aurora
                # A unit with Delegate=yes, as systemd marks it.
                mkdir unit
                python3 -c 'import os; os.setxattr("unit", "trusted.delegate", b"1")'
                (echo 0 >unit/cgroup.procs && tests 'processes|detached|inUse')
                echo "the unit ended with $?, in" aurora* unit/aurora*
                echo o >/proc/sysrq-trigger
                sleep 60
                """
            try write(script, to: "\(folder)/init", mode: 0o755)
            let result = try Processes.run(
                ProcessSpec(
                    executable: "/usr/bin/linux.uml",
                    arguments: [
                        "mem=1G", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "rw", "init=\(folder)/init",
                        "con=null", "con0=fd:0,fd:1", "quiet",
                    ],
                    environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder, "TMPDIR": folder],
                    outputLimit: 256 << 10, timeout: .seconds(240)))
            let said = String(decoding: result.output, as: UTF8.self)
            #expect(said.contains("ended with 0, kernel ") && said.contains("mode cgroup2fs"), "\(said)")
            #expect(said.contains("mode cgroup2fs, in aurora unit/aurora*"), "\(said)")
            #expect(said.contains("the unit ended with 0, in aurora* unit/aurora unit/aurora-main"), "\(said)")
            #expect(said.contains("what detached itself twice is ended with its group"))
        }
    }
}
