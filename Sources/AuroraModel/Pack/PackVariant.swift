/// The facts about a device that choose a variant of a pack, in lower case; empty where a fact is not known.
package struct DeviceTraits: Hashable, Sendable {
    /// The operating system, such as `linux`.
    package var platform: String
    /// The processor, as `uname -m` says it, such as `aarch64`.
    package var machine: String
    /// The board, such as `raspberry-pi-4` or `jetson-orin-nano`; empty on other computers.
    package var board: String
    /// The kinds of graphics processors, such as `nvidia`.
    package var gpus: [String]

    /// The facts as found.
    package init(platform: String = "linux", machine: String, board: String = "", gpus: [String] = []) {
        self.platform = platform
        self.machine = machine
        self.board = board
        self.gpus = gpus
    }
}

extension PackManifest {
    /// A form of the pack for some devices: what it names is taken instead of, or beside, what the pack names.
    package struct Variant: Hashable, Sendable {
        /// Such as `jetson`; no other variant of the pack has it.
        package var name: String
        package var condition: Condition
        /// Replaces those of the pack's entrypoints that are named.
        package var entrypoint: PartialEntrypoint
        /// Beside those of the pack; must be there only where this variant is taken.
        package var artifacts: [Artifact]
        /// Beside those of the pack.
        package var requiredEnvironment: [EnvironmentName]

        /// A variant that changes nothing yet.
        package init(name: String, condition: Condition) {
            self.name = name
            self.condition = condition
            entrypoint = PartialEntrypoint()
            artifacts = []
            requiredEnvironment = []
        }
    }

    /// Entrypoints of a variant; nil leaves the pack's own.
    package struct PartialEntrypoint: Hashable, Sendable {
        package var install: PackPath?
        package var start: PackPath?
        package var stop: PackPath?
        package var health: PackPath?

        /// None.
        package init() {}
    }

    /// Which devices a variant is for: every list that is not empty must fit.
    package struct Condition: Hashable, Sendable {
        package var platforms: [TraitPattern] = []
        package var machines: [TraitPattern] = []
        package var boards: [TraitPattern] = []
        package var gpus: [TraitPattern] = []

        /// Every device.
        package init() {}

        /// Whether the device is one of those.
        package func holds(for traits: DeviceTraits) -> Bool {
            Self.fits(platforms, [traits.platform]) && Self.fits(machines, [traits.machine])
                && Self.fits(boards, [traits.board]) && Self.fits(gpus, traits.gpus)
        }

        private static func fits(_ patterns: [TraitPattern], _ values: [String]) -> Bool {
            patterns.isEmpty || values.contains { value in patterns.contains { $0.matches(value) } }
        }
    }

    /// The variant that ``Autoscan/detectsDevice`` takes on this device; nil is the pack as it stands.
    package func variant(for traits: DeviceTraits) -> Variant? {
        autoscan.detectsDevice ? autoscan.variants.first { $0.condition.holds(for: traits) } : nil
    }

    /// The manifest as it holds on this device: with what its variant says, and without variants.
    package func taken(on traits: DeviceTraits) -> PackManifest {
        var taken = self
        taken.autoscan.variants = []
        guard let variant = variant(for: traits) else { return taken }
        taken.entrypoint = Entrypoint(
            install: variant.entrypoint.install ?? entrypoint.install,
            start: variant.entrypoint.start ?? entrypoint.start,
            stop: variant.entrypoint.stop ?? entrypoint.stop, health: variant.entrypoint.health ?? entrypoint.health)
        taken.artifacts += variant.artifacts
        taken.requiredEnvironment += variant.requiredEnvironment.filter { !requiredEnvironment.contains($0) }
        return taken
    }
}

/// A word that a fact about a device is compared with; `*` at its end stands for any ending.
package struct TraitPattern: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// What a valid one looks like, in words.
    package static let rule = "1 to 64 of a-z 0-9 . _ -, with * for any ending at its end"

    /// Checks `text`; nil when it breaks ``rule``.
    package init?(_ text: String) {
        let word = text.hasSuffix("*") ? String(text.dropLast()) : text
        guard text == "*" || PackIDKind.isValid(word) else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// Whether `value` is the word, or begins as it does; nothing fits a fact that is not known.
    package func matches(_ value: String) -> Bool {
        guard !value.isEmpty else { return false }
        return text.hasSuffix("*") ? value.hasPrefix(String(text.dropLast())) : value == text
    }
}
