import AuroraArchive
import AuroraSystem

/// `aurora internal unpack`: unpacks the artifact on descriptor 3 into the empty directory on descriptor 4.
enum UnpackVerb {
    static func run(_ arguments: ArraySlice<String>) -> Int32 {
        guard let limits = UnpackChildProtocol.limits(arguments) else {
            Standard.writeError("aurora internal unpack: five numbers are needed\n")
            return 64
        }
        let outcome: UnpackChildProtocol.Outcome
        do {
            outcome = .unpacked(
                try ArchiveUnpacker.unpack(
                    artifact: UnpackChildProtocol.artifactDescriptor, into: UnpackChildProtocol.directoryDescriptor,
                    limits: limits))
        } catch {
            outcome = .refused(error)
        }
        Standard.writeOutput(String(decoding: UnpackChildProtocol.encode(outcome), as: UTF8.self))
        if case .refused = outcome { return UnpackChildProtocol.refusedExitCode }
        return 0
    }
}
