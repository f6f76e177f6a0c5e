import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// One device with its packs, used through the real program as its operator would.
final class Gateway {
    /// The repository's own folder.
    static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    let root: String
    var device: String { root + "/state/device" }
    private var core: ChildProcess?
    /// The first two words of every command that was run.
    private(set) var used: Set<String> = ["agent run"]

    init(root: String) { self.root = root }

    /// Gives `body` a device whose operator accepts unsigned folders and approvals at the terminal.
    static func with(_ body: (Gateway) throws -> Void) throws {
        try withTemporaryDirectory { root in
            let gateway = Gateway(root: root)
            defer { gateway.stopCore() }
            try FileManager.default.copyItem(atPath: sources + "/packs", toPath: root + "/packs")
            try gateway.must("device", "init", "--accept-console", "--accept-unsigned")
            try body(gateway)
        }
    }

    var environment: [String: String] {
        ["PATH": "/usr/bin:/bin", "HOME": root + "/home", "AURORA_STATE": root + "/state", "LANG": "C.UTF-8"]
    }

    /// Runs the program without a terminal.
    func aurora(_ arguments: [String]) throws -> Ran {
        used.insert(arguments.prefix(2).joined(separator: " "))
        return Ran(
            try Processes.run(
                ProcessSpec(
                    executable: Programs.aurora, arguments: arguments, environment: environment, workingDirectory: root,
                    outputLimit: 4 << 20, timeout: .seconds(300))))
    }

    func aurora(_ arguments: String...) throws -> Ran { try aurora(arguments) }

    /// Runs the program and fails the test unless it ends with 0.
    @discardableResult
    func must(_ arguments: String...) throws -> Ran { try must(arguments) }

    @discardableResult
    func must(_ arguments: [String]) throws -> Ran {
        let ran = try aurora(arguments)
        try #require(ran.code == 0, "aurora \(arguments.joined(separator: " ")): \(ran)")
        return ran
    }

    /// Runs the program at a terminal (`script(1)`) where somebody types `lines`.
    func typing(_ lines: [String], _ arguments: String...) throws -> Ran {
        used.insert(arguments.prefix(2).joined(separator: " "))
        let command = ([Programs.aurora] + arguments).map { "'\($0)'" }.joined(separator: " ")
        return Ran(
            try Processes.run(
                ProcessSpec(
                    executable: "/usr/bin/script", arguments: ["-qec", command, "/dev/null"],
                    environment: environment.merging(["SHELL": "/bin/sh"]) { $1 }, workingDirectory: root,
                    stdin: .bytes(Array(lines.map { $0 + "\n" }.joined().utf8)), outputLimit: 4 << 20,
                    timeout: .seconds(300))))
    }

    /// Runs a command of the system in the device's folder.
    func inDevice(_ program: String, _ arguments: String...) throws -> Ran {
        Ran(
            try Processes.run(
                ProcessSpec(
                    executable: program, arguments: arguments, environment: environment, workingDirectory: device,
                    timeout: .seconds(120))))
    }

    // MARK: The core

    /// Starts the local core and waits until it says that all packs run.
    func startCore() throws {
        let log = try Descriptor.open(root + "/core.log", [.writeOnly, .create, .append])
        core = try ChildProcess.start(
            ProcessSpec(
                executable: Programs.aurora, arguments: ["agent", "run", "--local"], environment: environment,
                workingDirectory: root),
            output: .descriptor(log.rawValue), errorOutput: .descriptor(log.rawValue))
        try until("the core answers") { try aurora("pack", "status").code == 0 }
    }

    /// Stops the core in order.
    func stopCore() {
        guard let running = core else { return }
        running.terminate()
        _ = try? running.wait(timeout: .seconds(60))
        core = nil
    }

    /// Waits until something holds; the bound only ends a hang.
    func until(_ what: String, _ holds: () throws -> Bool) throws {
        try #require(try eventually(holds), "\(what): \((try? readText(root + "/core.log")) ?? "")")
    }
}
