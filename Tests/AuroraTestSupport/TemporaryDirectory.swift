import AuroraSystem
import Foundation
import Synchronization

/// Gives `body` a fresh folder of its own (mode 0755) and removes it afterwards, whatever happened.
///
/// The path has no symlink in it. Read-only trees inside are removed too.
/// - Parameter base: where it lies; nil means the machine's folder for temporary files.
@discardableResult
package func withTemporaryDirectory<Result>(
    in base: String? = nil, _ body: (String) throws -> Result
) throws -> Result {
    let path = try makeTemporaryDirectory(base)
    defer { try? FileTree.remove(path) }
    return try body(path)
}

/// The same as ``withTemporaryDirectory(_:)`` for asynchronous tests.
package func withAsyncTemporaryDirectory<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = try makeTemporaryDirectory()
    defer { try? FileTree.remove(path) }
    return try await body(path)
}

private func makeTemporaryDirectory(_ base: String? = nil) throws -> String {
    let base = base ?? URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
    let suffix = SecureRandom.bytes(8).map { String($0, radix: 16) }.joined()
    let path = "\(base)/aurora-test-\(suffix)"
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    return path
}

/// A fresh folder (mode 0700) for what all tests of a process share; removed when the process ends.
package func makeSharedDirectory() throws -> String {
    let path = try makeTemporaryDirectory()
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    let isFirst = sharedDirectories.withLock { paths in
        paths.append(path)
        return paths.count == 1
    }
    if isFirst { atexit { for path in sharedDirectories.withLock({ $0 }) { try? FileTree.remove(path) } } }
    return path
}

private let sharedDirectories = Mutex<[String]>([])
