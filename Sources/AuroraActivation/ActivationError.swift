package import AuroraSystem

/// Why the activation engine refused or failed, on which target, and what to do next.
package struct ActivationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable names of the reasons; callers branch on them.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// The path of the target cannot be a target.
        case badPath
        /// The target or its state lies on another file system than its folder.
        case otherFileSystem
        /// The file system cannot do what this kind of target needs.
        case unsupported
        /// Another process has this target open.
        case locked
        /// Another operation of this process is running on this target.
        case busy
        /// A record in the middle of the journal cannot be read.
        case journalDamaged
        /// What is at the target's path was not put there by Aurora.
        case foreignContent
        /// ``ActivationEngine/adoptExisting()`` has not run yet.
        case notAdopted
        /// An interrupted or failed operation has to be cleared by `recover` first.
        case needsRecovery
        /// A switched generation still waits for its health gate: call `resume`.
        case needsGate
        /// No such tree in the store.
        case unknownTree
        /// No such generation.
        case unknownGeneration
        /// The generation is already the active one.
        case alreadyActive
        /// This digest failed before and is blocked on this target.
        case blocked
        /// There is no generation that takes the active one back.
        case noRollbackTarget
        /// Bytes in the store differ from what was verified.
        case treeDamaged
        /// The active tree was changed by someone else since it was activated.
        case drifted
        /// The staged tree holds what a release must not hold, or differs from its manifest.
        case badTree
        /// A call to the operating system failed.
        case system
    }

    package let code: Code
    /// The target's path.
    package let target: String
    /// What failed, in one sentence.
    package let message: String
    /// What to do next.
    package let remedy: String
    /// The failing call, for code ``Code/system``.
    package let cause: SystemError?

    package init(_ code: Code, target: String, _ message: String, remedy: String, cause: SystemError? = nil) {
        self.code = code
        self.target = target
        self.message = message
        self.remedy = remedy
        self.cause = cause
    }

    package var description: String { "target \(target): \(message); \(remedy)" }

    /// An operating-system failure during `doing`.
    static func system(_ error: SystemError, target: String, doing: String) -> ActivationError {
        ActivationError(
            .system, target: target, "\(doing): \(error.description)",
            remedy: "the path holds one whole tree; remove the cause, then try again",
            cause: error)
    }
}
