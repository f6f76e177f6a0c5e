import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation

/// `Tests/RoomAttacks/attack.c`, compiled once for all tests.
enum AttackProgram {
    /// Its path outside.
    static var path: String { get throws { try compiled.get() } }

    /// Puts it where rooms of this fixture find it, at `/pack/attack`.
    static func place(in fixture: RoomFixture) throws {
        try copyProgram(try path, to: "\(fixture.folder)/code/attack")
    }

    private static let compiled = Result { () throws -> String in
        let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "RoomAttacks/attack.c").path
        let folder = try makeSharedDirectory()
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/env",
                arguments: ["clang", "-O1", "-Wall", "-Werror", "-o", "\(folder)/attack", source],
                environment: Environment.all, timeout: .seconds(120)))
        guard result.isSuccess else { throw CannotCompile(said: String(decoding: result.errorOutput, as: UTF8.self)) }
        return "\(folder)/attack"
    }

    private struct CannotCompile: Error {
        let said: String
    }
}

/// Copies a program so that everybody may execute it, whatever the umask of the tests is.
func copyProgram(_ from: String, to: String) throws {
    try FileManager.default.copyItem(atPath: from, toPath: to)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: to)
}

/// What lies outside of a room for the taking: a TCP port, an abstract socket, a process of the room's own user.
struct AttackedHost {
    let name: String
    let port: String
    let victim: String
    private let process: ChildProcess
    private let input: Int32

    init(_ fixture: RoomFixture) throws {
        name = "aurora-attacked-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let stdin = try PipeEnds()
        let stdout = try PipeEnds()
        let spec = ProcessSpec(
            executable: try AttackProgram.path, arguments: ["host", name, "\(RoomFixture.identity.uid)"],
            stdin: .descriptor(stdin.reader.rawValue))
        process = try ChildProcess.start(spec, output: .descriptor(stdout.writer.rawValue))
        input = try stdin.writer.duplicate().release()
        let line = try stdout.closeWriter().readAll(limit: 100, upTo: UInt8(ascii: "\n"))
        let words = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\n" }.map(String.init)
        guard words.count == 2 else { throw Unexpected("the host says \(words)") }
        (port, victim) = (words[0], words[1])
    }

    func end() {
        close(input)
        _ = try? process.wait()
    }
}

extension Descriptor {
    /// The bytes up to and including the first `end`.
    fileprivate borrowing func readAll(limit: Int, upTo end: UInt8) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < limit, bytes.last != end {
            guard try withUnsafeMutableBytes(of: &byte, { try read(into: $0) }) == 1 else { break }
            bytes.append(byte)
        }
        return bytes
    }
}
