extension UnpackChildProtocol {
    /// The arguments that start the child: `internal unpack <bytes> <entries> <depth> <ratio> <metadata bytes>`.
    package static func arguments(_ limits: ArchiveLimits) -> [String] {
        [
            "internal", "unpack", String(limits.unpackedBytes), String(limits.entries), String(limits.depth),
            String(limits.ratio), String(limits.metadataBytes),
        ]
    }

    /// The limits in the arguments after `unpack`, or nothing when they are not five numbers.
    package static func limits(_ arguments: some Collection<String>) -> ArchiveLimits? {
        let numbers = arguments.compactMap { UInt64($0) }
        guard arguments.count == 5, numbers.count == 5, numbers.allSatisfy({ $0 <= UInt64(Int.max) }) else {
            return nil
        }
        return ArchiveLimits(
            unpackedBytes: numbers[0], entries: Int(numbers[1]), depth: Int(numbers[2]), ratio: numbers[3],
            metadataBytes: Int(numbers[4]))
    }
}
