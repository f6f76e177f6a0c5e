import AuroraTestSupport
import Foundation
import Testing

/// Compares text with a file under `Golden/`; `AURORA_RECORD=1` writes the file instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name)").path()
    try expectFile(text, path, sourceLocation: sourceLocation)
}

/// Compares text with any recorded file.
func expectFile(_ text: String, _ path: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    if ProcessInfo.processInfo.environment["AURORA_RECORD"] == "1" {
        try write(text, to: path)
        return
    }
    let recorded = (try? readText(path)) ?? ""
    guard recorded != text else { return }
    let old = recorded.components(separatedBy: "\n")
    let new = text.components(separatedBy: "\n")
    let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }
    Issue.record(
        """
        \(path) differs from what the program says now, first in line \((line?.offset ?? min(old.count, new.count)) + 1):
        recorded: \(line?.element.0 ?? "(end)")
        now:      \(line?.element.1 ?? "(end)")
        If the change is meant: AURORA_RECORD=1 swift test --filter AuroraCommandsTests, and read the diff.
        """, sourceLocation: sourceLocation)
}
