import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// S-14 among others: names with markup in them stay text in a real browser.
@Suite("The dashboard in Chromium")
struct DashboardWalkTests {
    private static let python = Page.root + "/.build/browser/bin/python"

    /// Upload, stage, ask, approve by keyboard alone, reject without scripts, roll back, read the log; axe in both themes.
    @Test(
        .enabled(if: IsolatedRun.isPossible, IsolatedRun.need),
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: python),
            "the browser driver is missing: scripts/install-dependencies test"), .timeLimit(.minutes(4)))
    func `does in a browser what an operator does`() throws {
        try withTemporaryDirectory { folder in
            let walk = Page.root + "/Tests/Browser/walk"
            let result = try IsolatedRun.bash([walk, Self.python], in: folder + "/home", timeout: .seconds(200))
            let output = String(decoding: result.output + result.errorOutput, as: UTF8.self)
            #expect(result.isSuccess, "\(result.outcome)\n\(output.suffix(6000))")
            try keepPictures(of: folder + "/home/pictures")
        }
    }

    /// `AURORA_PICTURES=FOLDER` keeps the screenshots; the README's picture comes from there.
    private func keepPictures(of folder: String) throws {
        guard let wanted = ProcessInfo.processInfo.environment["AURORA_PICTURES"] else { return }
        try FileManager.default.createDirectory(atPath: wanted, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            try? FileManager.default.removeItem(atPath: wanted + "/" + name)
            try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: wanted + "/" + name)
        }
    }
}
