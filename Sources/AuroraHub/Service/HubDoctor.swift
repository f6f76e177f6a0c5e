import AuroraSandbox
import AuroraSystem

/// What `aurora doctor` asks: whether this machine offers what a hub needs.
package enum HubDoctor {
    package enum Status: Sendable { case good, warning, bad }

    /// One thing that was looked at.
    package struct Finding: Sendable {
        package let name: String
        package let status: Status
        package let detail: String
        /// What to do; empty when all is well.
        package let remedy: String
    }

    /// Looks at the sandbox's layers and the programs the hub starts; changes nothing.
    package static func examine() -> [Finding] { sandbox() + programs }

    private static func sandbox() -> [Finding] {
        let launcher: String
        do { launcher = try Sandbox.installedLauncher() } catch {
            return [
                Finding(
                    name: "aurora-launcher", status: .bad, detail: "\(error)",
                    remedy: "install it beside aurora: make install")
            ]
        }
        return Capabilities.probe(Sandbox(launcherPath: launcher)).sorted { $0.key.rawValue < $1.key.rawValue }
            .map { layer, status in
                switch status {
                case .available(let detail):
                    Finding(name: "sandbox: \(layer.rawValue)", status: .good, detail: detail, remedy: "")
                case .carried(let detail):
                    Finding(
                        name: "sandbox: \(layer.rawValue)", status: .warning, detail: detail,
                        remedy: "start the hub as root, as packaging/aurora-hub.service does")
                case .missing(let detail):
                    Finding(name: "sandbox: \(layer.rawValue)", status: .bad, detail: detail, remedy: layer.remedy)
                }
            }
    }

    private static var programs: [Finding] {
        [
            ("/usr/bin/gpgv", "judges the signatures of releases", "apt install gpgv"),
            ("/usr/bin/gpg", "reads armoured release keys", "apt install gnupg"),
        ].map { path, use, remedy in
            let isThere = (try? FileStatus.ifExists(path)) != nil
            return Finding(
                name: path, status: isThere ? .good : .bad, detail: isThere ? use : "missing; it \(use)",
                remedy: isThere ? "" : remedy)
        }
    }
}
