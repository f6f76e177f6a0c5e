import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraCommands

@Suite struct DeviceFileTests {
    @Test("device.yaml is made for its owner alone, and the doctor names one that others may write or read")
    func deviceFile() throws {
        try withTemporaryDirectory { home in
            let bench = Bench(
                home: home, hub: FakeHub { _, _ in .json(["version": "0.1.0"]) },
                environment: ["AURORA_STATE": "\(home)/state"])
            let (folder, file) = ("\(home)/state/device", "\(home)/state/device/device.yaml")
            #expect(!bench.run("doctor").output.contains("device.yaml"))
            #expect(bench.run("device", "init").code == 0)
            let made = try FileStatus.of(file)
            #expect(made.mode == 0o600)
            var ran = bench.run("doctor")
            #expect(ran.code == 0 && ran.output.contains("\(file) is its owner's alone"), "\(ran)")
            chmod(file, 0o644)
            ran = bench.run("doctor")
            #expect(ran.code == 0 && ran.output.contains("others may read \(file)"), "\(ran)")
            chmod(file, 0o620)
            ran = bench.run("doctor")
            #expect(ran.code == 1 && ran.output.contains("others may write \(file)"), "\(ran)")
            #expect(ran.output.contains("chmod go-w \(file)"), "\(ran)")
            chmod(file, 0o600)
            chmod(folder, 0o777)
            ran = bench.run("doctor")
            #expect(ran.code == 1 && ran.output.contains("others may write \(folder),"), "\(ran)")
        }
    }
}
