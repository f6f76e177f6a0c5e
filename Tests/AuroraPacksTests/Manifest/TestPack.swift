import AuroraFields
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraPacks

/// A pack in a folder of its own, with its four scripts and one file of code.
struct TestPack {
    let root: String
    var folder: PackFolder { PackFolder(root) }

    /// Makes the folder in `parent` with these manifests by file name.
    init(in parent: String, _ manifests: [String: String]) throws {
        root = parent + "/pack"
        for name in ["install.sh", "start.sh", "stop.sh", "health_check.sh", "health.sh"] {
            try write("#!/usr/bin/env bash\n", to: "\(root)/\(name)", mode: 0o755)
        }
        try write("code\n", to: root + "/core/vfs.py")
        for (name, text) in manifests { try write(text, to: "\(root)/\(name)") }
    }

    /// What lint says, a line each.
    func findings() -> [String] { folder.lint().map(\.description) }

    static let code = Digest(hashing: Array("code\n".utf8))
}
