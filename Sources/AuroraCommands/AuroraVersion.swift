/// The version of this program.
package enum AuroraVersion {
    /// As printed, without a leading v.
    package static let text = "0.1.0"
}
