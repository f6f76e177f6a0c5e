import CShims
import Glibc

/// Runs other programs to their end, with a time limit, bounded memory and a kill of the whole process group.
///
/// Not a sandbox: a child that makes its own session outlives the kill. AuroraSandbox adds what is needed there.
package enum Processes {
    /// Runs a program and waits.
    ///
    /// Blocks the calling thread for at most `timeout` + `killGrace` and a moment.
    ///
    /// - Throws: only when the program could not be started; how it ended is in the result.
    package static func run(_ spec: ProcessSpec) throws(SystemError) -> ProcessResult {
        let began = ContinuousClock.now
        let input = try openInput(spec.stdin)
        let output = try PipeEnds()
        let errors = try PipeEnds()
        let child = try ChildProcess(
            spec: spec, streams: (input.rawValue, output.writer.rawValue, errors.writer.rawValue))
        // The parent's copies of the writing ends must go, or the end of the streams would never be seen.
        var collector = Collector(
            child: child, output: output.closeWriter(), errors: errors.closeWriter(), limit: spec.outputLimit,
            deadline: began + spec.timeout, killGrace: spec.killGrace, stop: spec.stop)
        let outcome = try collector.collect()
        return ProcessResult(
            outcome: outcome, output: collector.output.finish(), errorOutput: collector.errors.finish(),
            truncated: collector.output.isTruncated || collector.errors.isTruncated,
            duration: ContinuousClock.now - began)
    }

    /// A descriptor to read `input` from.
    package static func openInput(_ input: ProcessSpec.Input) throws(SystemError) -> Descriptor {
        switch input {
        case .null: return try Descriptor.open("/dev/null", .readOnly)
        case .descriptor(let number): return Descriptor(adopting: try check("dup") { aurora_duplicate(number, 3) })
        case .bytes(let bytes):
            return try Descriptor.inMemory(bytes)  // not a pipe: no SIGPIPE and no second direction to poll
        }
    }
}

/// The two ends of a pipe, both close-on-exec.
package struct PipeEnds: ~Copyable {
    package let reader: Descriptor
    package let writer: Descriptor

    package init() throws(SystemError) {
        var ends: [Int32] = [0, 0]
        try check("pipe2") { aurora_pipe2(&ends, O_CLOEXEC) }
        reader = Descriptor(adopting: ends[0])
        writer = Descriptor(adopting: ends[1])
    }

    /// Closes the writing end and gives the reading end away.
    package consuming func closeWriter() -> Descriptor { reader }
}
