import AuroraModel
import AuroraReleases
import AuroraSandbox
import AuroraTestSupport
import Foundation
import Testing

/// Who `apply` and `health` run as: never the hub's root unless that is written down.
@Suite struct CommandUserTests {
    @Test func `without a user the commands run as one of their own, not as the hub's root`() throws {
        let expected = SandboxIdentity.command.whenRoot
        try expect(expected, runAs: nil)
        #expect(geteuid() != 0 || expected.uid != 0)
    }

    @Test func `a user that is written down is the one they run as, root too`() throws {
        try expect(.own, runAs: RunAs(uid: geteuid(), gid: getegid()))
    }

    /// Promotes with commands that fail unless they run as this user and group, without further groups.
    private func expect(_ identity: SandboxIdentity, runAs: RunAs?) throws {
        try withTemporaryDirectory { root in
            let check = "test \"$(id -u) $(id -g)\" = \"\(identity.uid) \(identity.gid)\""
            var options = try TestHub.Options.one(root)
            options.targets[0].apply = ["/bin/sh", "-c", check]
            options.targets[0].health = ["/bin/sh", "-c", check]
            options.targets[0].runAs = runAs
            let hub = try TestHub.start(root, options)
            let change = try hub.promote(try hub.publish(["VERSION": "1"]))
            #expect(change.state == .done, "\(change)")
        }
    }
}
