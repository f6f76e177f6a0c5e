/// What a pack says about itself, checked: the contents of its `manifest.yaml`, `.yml` or `.json`.
///
/// Field by field it is written down in docs/formats/manifest.md; `AuroraPacks` reads it. Units are in the names.
package struct PackManifest: Hashable, Sendable {
    /// The value of `schema_version`, the only one so far.
    package static let schema = "aurora-manifest-v1"

    package var id: PackID
    /// For people; one line.
    package var name: String
    package var version: SemanticVersion
    /// For people; may be empty.
    package var description: String
    package var entrypoint: Entrypoint
    /// In the order of the file; no pack stands there twice, and never this one.
    package var dependencies: [Dependency]
    /// In the order of the file; no path stands there twice.
    package var artifacts: [Artifact]
    /// Variables that must be set where the pack runs, and the only ones it is given beside the usual ones.
    package var requiredEnvironment: [EnvironmentName]
    package var autoscan: Autoscan
    package var safety: Safety
    package var data: DataPolicy
    package var hooks: Hooks
    package var resources: Resources
    package var permissions: Permissions
    package var service: Service

    /// A manifest with the fields that must be there, everything else at its default.
    package init(
        id: PackID, name: String, version: SemanticVersion, entrypoint: Entrypoint, description: String = "",
        dependencies: [Dependency] = [], artifacts: [Artifact] = []
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.description = description
        self.entrypoint = entrypoint
        self.dependencies = dependencies
        self.artifacts = artifacts
        requiredEnvironment = []
        autoscan = Autoscan()
        safety = Safety()
        data = DataPolicy()
        hooks = Hooks()
        resources = Resources()
        permissions = Permissions()
        service = Service()
    }

    /// Whether every artifact, of the variants too, has its digest.
    package var isSealed: Bool {
        (artifacts + autoscan.variants.flatMap(\.artifacts)).allSatisfy { $0.digest != nil }
    }
}

extension PackManifest {
    /// The four programs of a pack, each a program in its own right: executable, and with `#!` where it is a script.
    package struct Entrypoint: Hashable, Sendable {
        /// Called with `--dry-run` or `--install`.
        package var install: PackPath
        /// What it leaves running is the pack's service.
        package var start: PackPath
        package var stop: PackPath
        /// Exit status 0 is healthy.
        package var health: PackPath

        /// The four, each a path of the pack.
        package init(install: PackPath, start: PackPath, stop: PackPath, health: PackPath) {
            self.install = install
            self.start = start
            self.stop = stop
            self.health = health
        }
    }

    /// Another pack that must be active with this one, and started before it.
    package struct Dependency: Hashable, Sendable {
        package var id: PackID
        package var range: VersionRange

        /// Any version of `id` in `range`.
        package init(id: PackID, range: VersionRange) {
            self.id = id
            self.range = range
        }
    }

    /// A file of the pack whose content is fixed.
    package struct Artifact: Hashable, Sendable {
        package var path: PackPath
        /// SHA-256 of the file; nil where the manifest says `""`, until the pack is sealed.
        package var digest: Digest?

        /// The file at `path`.
        package init(path: PackPath, digest: Digest?) {
            self.path = path
            self.digest = digest
        }
    }

    /// What must hold before the pack changes a device.
    package struct Safety: Hashable, Sendable {
        /// Whether `install --dry-run` may be called as a rehearsal.
        package var isDryRunSupported = false
        /// Whether a person must approve the plan.
        package var isApprovalRequired = true
        /// How long the health check may take to be good after a start.
        package var healthCheckTimeoutSeconds = 30

        /// The defaults.
        package init() {}
    }

    /// How the pack is read on a device.
    package struct Autoscan: Hashable, Sendable {
        /// The two ways a manifest may be written.
        package enum Format: String, CaseIterable, Hashable, Sendable {
            case yaml, json
        }

        /// Which manifest is the pack's where it has both; the first one that is there.
        package var manifestPreference = Format.allCases
        /// Whether the device's own facts choose one of ``variants``.
        package var detectsDevice = false
        /// In the order of the file; the first that fits the device is taken.
        package var variants: [Variant] = []

        /// The defaults.
        package init() {}
    }
}

/// The name of an environment variable a pack may ask for.
package typealias EnvironmentName = Identifier<EnvironmentNameKind>
/// The name under which an operator lends a folder of the device to packs.
package typealias MountName = Identifier<MountNameKind>

/// The rules of names of environment variables: those of Aurora itself and of the loader cannot be asked for.
package enum EnvironmentNameKind: IdentifierKind {
    package static let noun = "name of an environment variable"
    package static let rule =
        "1 to 128 of A-Z a-z 0-9 _, not starting with a digit, with AURORA_ or with LD_, not BASH_ENV, ENV or IFS"

    package static func isValid(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        let isWord = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte)
        }
        return isWord && !text.hasPrefix("AURORA_") && !text.hasPrefix("LD_")
            && !["BASH_ENV", "ENV", "IFS"].contains(text)
    }
}

/// The rules of names of lent folders.
package enum MountNameKind: IdentifierKind {
    package static let noun = "name of a lent folder"
    package static let rule = PackIDKind.rule
    package static func isValid(_ text: String) -> Bool { PackIDKind.isValid(text) }
}
