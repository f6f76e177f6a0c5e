import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

/// A shell script as a process with a short time limit.
private func shell(
    _ script: String, stdin: ProcessSpec.Input = .null, timeout: Duration = .seconds(20), limit: Int = 64 * 1024,
    environment: [String: String] = [:]
) -> ProcessSpec {
    ProcessSpec(
        executable: "/bin/sh", arguments: ["-c", script], environment: environment, stdin: stdin, outputLimit: limit,
        timeout: timeout, killGrace: .milliseconds(200))
}

/// Whether a process with this number exists and is not a zombie.
private func isAlive(_ pid: Int32) -> Bool {
    guard let status = try? Descriptor.open("/proc/\(pid)/stat", .readOnly).readAll() else { return false }
    let text = String(decoding: status, as: UTF8.self)
    return text.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// Whether a killed process goes away: the kernel delivers SIGKILL at once, but the end takes its moment.
private func ends(_ pid: Int32) -> Bool { eventually { !isAlive(pid) } }

@Suite struct ProcessTests {
    @Test func `output, error output and exit status come back`() throws {
        let result = try Processes.run(shell("echo out; echo err >&2; exit 7"))
        #expect(result.outcome == .exited(7))
        #expect(result.output == Array("out\n".utf8))
        #expect(result.errorOutput == Array("err\n".utf8))
        #expect(!result.isSuccess && !result.truncated)
    }

    @Test func `a missing program is an error with its name`() {
        #expect(throws: SystemError(operation: "posix_spawn", path: "/no/such/program", errno: ENOENT)) {
            try Processes.run(ProcessSpec(executable: "/no/such/program"))
        }
        #expect(throws: SystemError(operation: "posix_spawn", path: "sh", errno: EINVAL)) {
            try Processes.run(ProcessSpec(executable: "sh"))
        }
        #expect(throws: SystemError(operation: "posix_spawn", path: "/etc/passwd", errno: EACCES)) {
            try Processes.run(ProcessSpec(executable: "/etc/passwd"))
        }
    }

    @Test func `a child that is too slow is asked, then killed, and its children with it`() throws {
        let result = try Processes.run(
            shell("trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1000; done", timeout: .milliseconds(300)))
        #expect(result.outcome == .timedOut)
        #expect(result.duration < .seconds(120))
        let child = try #require(Int32(String(decoding: result.output.dropLast(), as: UTF8.self)))
        #expect(ends(child))
    }

    @Test func `a child that ends when asked is still reported as timed out`() throws {
        let result = try Processes.run(
            shell("trap 'echo bye; exit 3' TERM; sleep 1000 & wait", timeout: .milliseconds(300)))
        #expect(result.outcome == .timedOut)
        #expect(result.output == Array("bye\n".utf8))
    }

    @Test func `a background child that holds the pipe open does not hold the result up`() throws {
        let result = try Processes.run(shell("sleep 1000 & echo $!"))
        #expect(result.outcome == .exited(0))
        #expect(result.duration < .seconds(120))
        let child = try #require(Int32(String(decoding: result.output.dropLast(), as: UTF8.self)))
        #expect(ends(child))
    }

    @Test func `a flood of output is drained, its beginning and its end are kept`() throws {
        let result = try Processes.run(shell("echo first; head -c 20000000 /dev/zero; echo last", limit: 1000))
        #expect(result.outcome == .exited(0))
        #expect(result.truncated)
        #expect(result.output.count == 1000)
        #expect(result.output.starts(with: Array("first\n".utf8)))
        #expect(result.output.suffix(5) == Array("last\n".utf8)[...])
    }

    @Test func `output that is not UTF-8 comes back as it is`() throws {
        let result = try Processes.run(shell(#"printf '\377\000\376'"#))
        #expect(result.output == [0xFF, 0, 0xFE])
    }

    @Test func `standard input comes from bytes, a descriptor, or is empty`() throws {
        let big = [UInt8](repeating: 0x61, count: 3_000_000)
        #expect(try Processes.run(shell("wc -c", stdin: .bytes(big))).output == Array("3000000\n".utf8))
        // A child that reads nothing must not end the parent by SIGPIPE.
        #expect(try Processes.run(shell("exit 0", stdin: .bytes(big))).isSuccess)
        #expect(try Processes.run(shell("wc -c")).output == Array("0\n".utf8))
        try withTemporaryDirectory { folder in
            try write("12345", to: "\(folder)/in")
            let file = try Descriptor.open("\(folder)/in", .readOnly)
            #expect(try Processes.run(shell("wc -c", stdin: .descriptor(file.rawValue))).output == Array("5\n".utf8))
        }
    }

    @Test func `the environment and the folder are exactly what was given`() throws {
        let spec = ProcessSpec(
            executable: "/usr/bin/env", environment: ["A": "1 2", "B": "ü"], workingDirectory: "/usr")
        #expect(try Processes.run(spec).output == Array("A=1 2\nB=ü\n".utf8))
        var folder = shell("pwd")
        folder.workingDirectory = "/usr"
        #expect(try Processes.run(folder).output == Array("/usr\n".utf8))
    }

    @Test func `descriptors arrive under the numbers asked for, all others are closed`() throws {
        try withTemporaryDirectory { folder in
            try write("one", to: "\(folder)/1")
            try write("two", to: "\(folder)/2")
            let first = try Descriptor.open("\(folder)/1", .readOnly)
            let second = try Descriptor.open("\(folder)/2", .readOnly)
            // The numbers cross on purpose: the child's 3 and 7 may be the parent's own.
            let open = dup(first.rawValue)
            defer { close(open) }
            var spec = shell("cat <&3; cat <&7; ls /proc/self/fd | wc -l")
            spec.descriptors = [(3, second.rawValue), (7, first.rawValue)]
            // 0, 1, 2, 3, 7 and the one that ls itself opens.
            #expect(try Processes.run(spec).output == Array("twoone6\n".utf8))
        }
    }

    @Test func `the child has its own session and default signals`() throws {
        let result = try Processes.run(
            shell("read -r _ _ _ _ group session _ < /proc/self/stat; echo $$ $group $session"))
        let numbers = String(decoding: result.output, as: UTF8.self).split(whereSeparator: { " \n".contains($0) })
        #expect(Set(numbers).count == 1)
        #expect(try Processes.run(shell("kill -PIPE $$; echo survived")).outcome == .signalled(SIGPIPE))
    }

    @Test func `a background child can be waited for, asked and killed`() throws {
        let child = try ChildProcess.start(shell("trap '' TERM; sleep 1000 & wait; wait"), errorOutput: .null)
        #expect(try child.wait(timeout: .milliseconds(20)) == nil)
        #expect(isAlive(child.pid))
        child.kill()
        #expect(try child.wait() == .signalled(SIGKILL))
        #expect(try child.wait() == .signalled(SIGKILL))
        child.terminate()
    }

    @Test func `a background child that is forgotten is killed`() throws {
        var child: ChildProcess? = try ChildProcess.start(shell("sleep 1000"))
        let pid = try #require(child?.pid)
        child = nil
        #expect(ends(pid))
    }

    @Test func `a child that shares the group is ended alone`() throws {
        var spec = shell("read -r _ _ _ _ group _ </proc/self/stat; echo $group")
        spec.sharesGroup = true
        let group = String(decoding: try Processes.run(spec).output, as: UTF8.self)
        #expect(group == "\(getpgrp())\n")
        // Were the group killed, this test would be gone with it.
        var endless = shell("sleep 1000", timeout: .milliseconds(5))
        endless.sharesGroup = true
        #expect(try Processes.run(endless).outcome == .timedOut)
    }

    @Test func `I-7: a hundred runs leave no descriptor and no child behind`() async {
        // In a process of its own, where no other test opens anything.
        await #expect(processExitsWith: .success) {
            func run(_ number: Int) {
                _ = try? Processes.run(shell(number % 2 == 0 ? "exit 1" : "sleep 9", timeout: .milliseconds(5)))
                _ = try? Processes.run(ProcessSpec(executable: "/no/such/program"))
            }
            run(0)
            let before = try DirectoryNames.read(in: "/proc/self/fd").count
            for number in 0..<100 { run(number) }
            #expect(try DirectoryNames.read(in: "/proc/self/fd").count == before)
            #expect(waitpid(-1, nil, WNOHANG) == -1 && errno == ECHILD)
        }
    }
}

@Suite struct BoundedOutputTests {
    @Test(arguments: [0, 1, 7, 64], [0, 1, 5, 64, 1000, 100_000])
    func `head and tail are kept for any limit and length`(limit: Int, length: Int) {
        var output = BoundedOutput(limit: limit)
        let all = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        for start in stride(from: 0, to: length, by: 13) { output.append(all[start..<min(start + 13, length)]) }
        let kept = output.finish()
        if length <= limit {
            #expect(kept == all)
            #expect(!output.isTruncated)
        } else {
            #expect(kept == Array(all.prefix(limit / 2)) + Array(all.suffix(limit - limit / 2)))
            #expect(output.isTruncated)
        }
    }
}
