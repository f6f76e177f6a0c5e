package import AuroraSystem

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

    /// Makes a refusal of what the system said.
    package init(_ layer: SandboxLayer, _ what: String = "", _ error: SystemError) {
        self.init(layer, what.isEmpty ? "\(error)" : "\(what): \(error)")
    }

    /// Does a step of a layer; an error of the system is a refusal that names the layer.
    package static func naming<Result: ~Copyable>(
        _ layer: SandboxLayer, _ what: String = "", _ step: () throws(SystemError) -> Result
    ) throws(SandboxRefusal) -> Result {
        do throws(SystemError) {
            return try step()
        } catch {
            throw SandboxRefusal(layer, what, error)
        }
    }
}
