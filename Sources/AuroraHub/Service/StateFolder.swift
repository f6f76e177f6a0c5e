import AuroraModel
import AuroraSystem
import Glibc

/// Where the hub keeps what it must not lose; every path of the state folder is made here.
struct StateFolder: Sendable {
    let root: String

    var database: String { root + "/hub.db" }
    var audit: String { root + "/audit" }
    var keys: String { root + "/keys" }
    var auditKey: String { keys + "/audit.key" }
    var hubKey: String { keys + "/hub.key" }
    var keyring: String { root + "/keyring" }
    var releaseRing: String { keyring + "/releases.gpg" }
    var queues: String { root + "/queues" }
    var lock: String { root + "/lock" }
    var configuration: String { root + "/aurora.yaml" }

    func queue(_ domain: Domain) -> String { "\(queues)/\(domain.name)" }

    /// Makes the folders that are missing, readable by nobody else.
    ///
    /// - Throws: ``HubStartError`` when the folder belongs to another user or cannot be made.
    func prepare(domains: [Domain]) throws {
        for folder in [root, audit, keys, keyring, queues] + domains.map(queue) {
            try Self.make(folder)
        }
        let status = try FileStatus.of(root)
        guard status.uid == geteuid() else {
            throw HubStartError(
                "the state folder \(root) belongs to user \(status.uid), not to this process (\(geteuid()))",
                remedy: "run the hub as that user, or choose another --state folder")
        }
    }

    /// Makes a folder and its parents, for its owner alone.
    static func make(_ path: String) throws { try FileTree.makeFolders(path, mode: 0o700) }
}

/// Why the hub did not start: what is wrong and what to do.
package struct HubStartError: Error, Sendable, CustomStringConvertible {
    let problem: String
    let remedy: String

    init(_ problem: String, remedy: String) {
        self.problem = problem
        self.remedy = remedy
    }

    package var description: String { "\(problem); \(remedy)" }
}
