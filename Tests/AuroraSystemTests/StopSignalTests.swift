import AuroraSystem
import Glibc
import Testing

@Suite struct StopSignalTests {
    private func sleeper(_ signal: StopSignal) -> ProcessSpec {
        var spec = ProcessSpec(executable: "/bin/sleep", arguments: ["600"], timeout: .seconds(600))
        spec.stop = signal
        return spec
    }

    @Test func `a running child is ended by the signal, long before its time limit`() async throws {
        let signal = try StopSignal()
        let spec = sleeper(signal)
        async let result = Task.detached { try Processes.run(spec) }.value
        signal.raise()
        signal.raise()
        let outcome = try await result.outcome
        #expect(outcome == .stopped)
    }

    @Test func `a child that starts after the signal was raised is ended at once`() throws {
        let signal = try StopSignal()
        signal.raise()
        #expect(try Processes.run(sleeper(signal)).outcome == .stopped)
    }

    @Test func `waiting for a signal ends when it is raised, or with the time`() throws {
        let signal = try StopSignal()
        #expect(!signal.wait(timeout: .milliseconds(1)))
        signal.raise()
        #expect(signal.wait(timeout: .seconds(600)))
    }

    @Test func `who descends from a process is known until it is gone`() throws {
        let child = try ChildProcess.start(
            ProcessSpec(executable: "/bin/sleep", arguments: ["600"]), output: .inherit, errorOutput: .inherit)
        #expect(ProcessTree.descends(child.pid, from: getpid()) == true)
        #expect(ProcessTree.descends(child.pid, from: getppid()) == true)
        #expect(ProcessTree.descends(getpid(), from: child.pid) == false)
        #expect(ProcessTree.descends(getpid(), from: getpid()) == false)
        child.send(SIGKILL)
        _ = try child.wait(timeout: .seconds(60))
        #expect(ProcessTree.descends(child.pid, from: getpid()) == nil)
    }

    @Test func `a signal that is never raised changes nothing`() throws {
        var spec = ProcessSpec(executable: "/bin/true")
        spec.stop = try StopSignal()
        #expect(try Processes.run(spec).outcome == .exited(0))
    }
}
