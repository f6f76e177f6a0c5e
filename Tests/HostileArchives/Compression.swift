import AuroraSystem

/// Compression by the stock tools.
package enum Compression {
    /// A tool did not do what it was asked.
    package struct Failure: Error {
        let tool: String
        let said: String
    }

    /// gzip without a name or time.
    package static func gzip(_ bytes: [UInt8]) throws -> [UInt8] { try run("/usr/bin/gzip", ["-nc"], bytes) }

    /// zstd with a content checksum.
    package static func zstd(_ bytes: [UInt8]) throws -> [UInt8] {
        try run("/usr/bin/zstd", ["-qc", "--check"], bytes)
    }

    /// xz with CRC64.
    package static func xz(_ bytes: [UInt8]) throws -> [UInt8] { try run("/usr/bin/xz", ["-c"], bytes) }

    /// A tar of one file of zeros through a compressor, without ever holding it in memory.
    package static func zeros(_ count: UInt64, through compressor: String) throws -> [UInt8] {
        var tar = TarBuilder()
        tar.header(
            {
                var header = TarBuilder.Header("zeros")
                header.size = count
                return header
            }())
        let script = "{ cat; head -c \(count + 1024) /dev/zero; } | \(compressor)"
        return try run("/bin/sh", ["-c", script], tar.bytes)
    }

    /// Runs a tool over bytes.
    package static func run(_ tool: String, _ arguments: [String], _ bytes: [UInt8] = []) throws -> [UInt8] {
        let result = try Processes.run(
            ProcessSpec(
                executable: tool, arguments: arguments, environment: ["PATH": "/usr/bin:/bin"], stdin: .bytes(bytes),
                outputLimit: 64 << 20, timeout: .seconds(60)))
        guard result.isSuccess, !result.truncated else {
            throw Failure(tool: tool, said: String(decoding: result.errorOutput, as: UTF8.self))
        }
        return result.output
    }
}
