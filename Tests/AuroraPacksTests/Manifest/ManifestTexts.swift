import AuroraFields
import AuroraModel
import Foundation
import Testing

@testable import AuroraPacks

/// Manifests as tests write them.
enum ManifestTexts {
    /// The shape the prototype's OS base has: empty digests, dependencies, everything at its place.
    static let base = """
        schema_version: "aurora-manifest-v1"
        pack:
          id: "pack03_os_base"
          name: "Aurora OS Base"
          version: "0.1.0"
          description: "Virtual FS, namespace, scheduler, process abstraction"
          entrypoint:
            install: "install.sh"
            start: "start.sh"
            stop: "stop.sh"
            health: "health_check.sh"
          dependencies:
            - pack_id: "pack01_pack01"
              version_constraint: ">=1.0.0"
            - pack_id: "pack02_env_profiler"
              version_constraint: ">=1.0.0"
          artifacts:
            - path: "core/vfs.py"
              sha256: ""
          env:
            required: []
          autoscan:
            manifest_preference: ["yaml","json"]
            auto_detect_device: true
          safety:
            dry_run_supported: true
            operator_approval_required: true
            health_check_timeout_seconds: 30

        """

    /// The least a manifest can say; `more` stands in `pack`, each line indented by two.
    static func least(_ more: String = "") -> String {
        """
        schema_version: aurora-manifest-v1
        pack:
          id: p
          name: P
          version: 1.0.0
          entrypoint: {install: install.sh, start: start.sh, stop: stop.sh, health: health.sh}

        """ + more.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    static func read(_ text: String, _ format: TextFormat = .yaml) throws(DocumentError) -> PackManifest {
        try ManifestDocument(Array(text.utf8), file: "manifest.\(format)", format: format).manifest
    }

    /// The problems without the file's name, in the order of the file.
    static func problems(_ text: String, _ format: TextFormat = .yaml) -> [String] {
        do {
            _ = try read(text, format)
            return []
        } catch { return error.problems.map { String($0.description.dropFirst("manifest.\(format):".count)) } }
    }
}
