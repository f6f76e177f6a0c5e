import AuroraFetch
import AuroraModel
import AuroraSystem

/// The service that gets updated: a real process that serves the version compiled into it.
final class DemoService: Sendable {
    private let reserved: ReservedPort
    private let process: ChildProcess

    /// Where it listens, on loopback.
    var port: UInt16 { reserved.number }

    /// Starts whatever program lies in the target now.
    init(places: DemoPlaces) throws {
        reserved = try ReservedPort(near: 0)
        let log = try Descriptor.open(places.serviceLog, [.writeOnly, .create, .append])
        process = try ChildProcess.start(
            ProcessSpec(executable: places.program, arguments: [String(reserved.number), places.program]),
            output: .descriptor(log.rawValue), errorOutput: .descriptor(log.rawValue))
    }

    /// What the running process says its version is.
    func version() throws -> String {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            do {
                let response = try HTTPClient().perform(
                    ClientRequest(url: "http://127.0.0.1:\(port)/version"), download: .memory(limit: 1000))
                return response.text.trimmed
            } catch {
                if ContinuousClock.now > deadline {
                    throw CommandError("the service does not answer", cause: "\(error)", code: "demo_failed")
                }
                _ = try process.wait(timeout: .milliseconds(10))
            }
        }
    }

    /// Ends the process.
    func stop() {
        process.terminate()
        if ((try? process.wait(timeout: .seconds(2))) ?? nil) == nil { process.kill() }
    }
}
