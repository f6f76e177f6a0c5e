import AuroraSandbox
import Glibc
import Testing

/// Promise 7 for the cgroups of root: each controller is there, or no program of a pack runs.
@Suite(
    "Promise 7: a missing controller of cgroups refuses a room", .serialized,
    .enabled(if: geteuid() == 0, "mounts are hidden by root"),
    .enabled(if: CgroupHierarchies.detect()?.mode != .v2, "version 2 has all controllers in one mount"))
struct MissingControllerTests {
    @Test("the refusal names the layer and the controller, and says what to do", arguments: ["pids", "memory", "cpu"])
    func hidden(_ controller: String) throws {
        try Gateway.with { gateway in
            try gateway.must("pack", "stage", "--pack", "pack01_pack01")
            try gateway.must("pack", "dry-run", "pack01_pack01")
            // In a mount namespace of its own the controller is hidden from this one command.
            let hiding = "umount /sys/fs/cgroup/\(controller) && exec \"$0\" pack dry-run pack01_pack01"
            let ran = try run(
                "/usr/bin/unshare", ["-m", "/bin/sh", "-c", hiding, Programs.aurora], environment: gateway.environment)
            #expect(ran.code == 7, "\(ran)")
            #expect(
                ran.error.contains(
                    "This machine lacks what these packs need: cgroup (the controller \(controller) is not mounted)"),
                "\(ran)")
            #expect(ran.error.contains("cgroup_disable=\(controller)"), "\(ran)")
            #expect(try gateway.must("pack", "list", "--json").output.contains("\"active\": true") == false)
        }
    }
}
