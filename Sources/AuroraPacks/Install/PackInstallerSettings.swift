package import AuroraModel
package import AuroraRuntime
package import AuroraTrust

/// What a ``PackInstaller`` works with beside the device itself.
package struct PackInstallerSettings: Sendable {
    /// Runs the programs of packs during a change.
    package var runner: any ConfinedRunner
    /// Unpacks archives.
    package var unpack: UnpackChild
    /// Judges signatures; nil when the device knows no keys.
    package var verifier: OpenPGPVerifier?
    /// Chooses the variants of packs.
    package var traits: DeviceTraits
    /// How long all packs of a change must have run before it is called healthy.
    package var minUptime: Duration = .zero

    package init(
        runner: any ConfinedRunner, unpack: UnpackChild, verifier: OpenPGPVerifier? = nil, traits: DeviceTraits
    ) {
        self.runner = runner
        self.unpack = unpack
        self.verifier = verifier
        self.traits = traits
    }
}
