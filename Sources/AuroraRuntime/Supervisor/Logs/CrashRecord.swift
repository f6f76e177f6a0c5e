import AuroraModel
import AuroraSystem
import Glibc

/// What is kept of a failed attempt: when, why, and the end of what the service wrote.
struct CrashRecord {
    let id: String
    let cause: ServiceCause
    let stamp: ServiceLog.Stamp
    let tail: [UInt8]

    /// Writes it down durably as `<milliseconds since 1970>-<attempt>.json` and removes the oldest beyond `most`.
    func keep(in folder: String, most: Int) throws(SystemError) {
        try FileTree.makeFolders(folder, mode: 0o700)
        let value: JSONValue = [
            "pack": .string(id), "time": JSONValue(stamp.time), "attempt": JSONValue(stamp.attempt),
            "cause": .string(cause.code), "detail": .string("\(cause)"),
            "output": .string(String(decoding: tail, as: UTF8.self)),
        ]
        let name = "\(stamp.time.milliseconds)-\(stamp.attempt).json"
        try DurableFile.replace("\(folder)/\(name)", contents: value.prettyBytes)
        let names = try DirectoryNames.read(in: folder).compactMap(\.text).filter { $0.hasSuffix(".json") }
        let oldest = names.sorted { CrashRecord.age($0) < CrashRecord.age($1) }.dropLast(max(1, most))
        for name in oldest { unlink("\(folder)/\(name)") }
    }

    private static func age(_ name: String) -> Int64 {
        name.split(separator: "-").first.flatMap { Int64($0) } ?? 0
    }
}
