import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

@Suite struct TargetTests {
    @Test(
        "a path that cannot be a target is refused by name",
        arguments: [
            "", "/", "app", "./app", "/srv/", "/srv//app", "/srv/./app", "/srv/../app", "/srv/a\nb", "/srv/a\u{7F}",
        ])
    func badPath(path: String) {
        #expect(code { _ = try TargetLayout(path: path) } == .badPath)
    }

    @Test("a missing folder is refused, and nothing is made")
    func missingFolder() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/missing/app"
            #expect(code { _ = try ActivationEngine(target: path, kind: .link) } == .badPath)
            let left = try DirectoryNames.read(in: folder)
            #expect(left.isEmpty)
        }
    }

    private static var hasMountPoint: Bool {
        guard let memory = try? DiskSpace.deviceID(of: "/dev/shm"), let devices = try? DiskSpace.deviceID(of: "/dev")
        else { return false }
        return memory != devices
    }

    @Test("a mount point cannot be a target", .enabled(if: hasMountPoint, "/dev/shm is no mount point here"))
    func mountPoint() throws {
        #expect(code { _ = try ActivationEngine(target: "/dev/shm", kind: .directory) } == .otherFileSystem)
        #expect(try FileStatus.ifExists("/dev/.shm.aurora") == nil)
    }

    @Test("I-29: a second opener of the same target is refused until the first is gone", arguments: TargetKind.allCases)
    func lock(kind: TargetKind) throws {
        try withTarget(kind) { target in
            var first: ActivationEngine? = try target.open()
            #expect(first?.active?.number == 0)
            for _ in 0..<100 {
                #expect(code { _ = try ActivationEngine(target: target.path, kind: kind) } == .locked)
            }
            first = nil
            _ = try target.open()
        }
    }

    @Test("the state folder can be passed through by services, its journal and staging cannot be read")
    func modes() throws {
        try withTarget(.link) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            func mode(_ name: String) throws -> String {
                String(try FileStatus.of("\(target.root)\(name)").mode, radix: 8)
            }
            #expect(try ["", "/gen", "/gen/1", "/store"].map(mode) == ["755", "755", "755", "755"])
            #expect(try ["/staging", "/journal"].map(mode) == ["700", "700"])
        }
    }

    @Test("the path is a link whose text is relative, so that the whole folder can be moved")
    func relativeLink() throws {
        try withTarget(.link) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            #expect(try FileTree.readLink(target.path) == ".app.aurora/gen/1/tree")
            #expect(try FileTree.readLink("\(target.root)/gen/1/tree").hasPrefix("../../store/"))
        }
    }
}
