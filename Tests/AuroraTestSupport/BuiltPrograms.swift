import Foundation

/// The programs of this package that were built together with the tests.
package enum BuiltPrograms {
    /// The program's absolute path, beside the test bundle.
    package static func path(_ name: String) throws -> String {
        let bundles = CommandLine.arguments + [Bundle.main.bundlePath, Bundle.main.executablePath ?? ""]
        for bundle in bundles where bundle.hasSuffix(".xctest") || bundle.contains("/.build/") {
            let path = URL(fileURLWithPath: bundle).deletingLastPathComponent().appending(path: name).path
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw Missing(name: name, searched: bundles)
    }

    private struct Missing: Error {
        let name: String
        let searched: [String]
    }
}
