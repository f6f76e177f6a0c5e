import AuroraSystem
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

    @Test func `a signal that is never raised changes nothing`() throws {
        var spec = ProcessSpec(executable: "/bin/true")
        spec.stop = try StopSignal()
        #expect(try Processes.run(spec).outcome == .exited(0))
    }
}
