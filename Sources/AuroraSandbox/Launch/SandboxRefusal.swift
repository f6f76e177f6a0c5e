/// Why a child was not started: the layer that is missing, what was seen, and the remedy.
package struct SandboxRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The layer that failed.
    package let layer: SandboxLayer
    /// What was seen.
    package let detail: String
    /// What an operator can do about it.
    package let remedy: String

    /// Makes a refusal; the layer's own remedy is used when none is given.
    package init(_ layer: SandboxLayer, _ detail: String, remedy: String? = nil) {
        self.layer = layer
        self.detail = detail
        self.remedy = remedy ?? layer.remedy
    }

    package var description: String { "sandbox layer \(layer.rawValue): \(detail); \(remedy)" }
}
