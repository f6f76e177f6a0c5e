import AuroraSystem
import Foundation

/// Writes a text file for a test, making its folders.
///
/// Not durable.
package func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws {
    let folder = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let file = try Descriptor.open(path, [.writeOnly, .create, .truncate], mode: mode)
    try file.setMode(mode)
    try file.write(all: Array(text.utf8))
}

/// The text of a file, following symlinks.
package func readText(_ path: String) throws -> String {
    String(decoding: try Descriptor.open(path, .readOnly).readAll(), as: UTF8.self)
}
