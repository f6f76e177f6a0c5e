import AuroraActivation
import AuroraModel
import AuroraSystem
import Glibc

/// What is said about targets.
enum TargetRefusals {
    static func unknown(_ name: String, known: [TargetName]) -> Refusal {
        Refusal(
            .notFound, code: "target_unknown", "The hub has no target \"\(name.printable(limit: 80))\".",
            subject: name.printable(limit: 80), rule: "only registered targets can be changed",
            remedy: "Use one of: \(known.map(\.text).joined(separator: ", ")).",
            details: ["targets": JSONValue(known.map(\.text))])
    }

    static func required(known: [TargetName]) -> Refusal {
        Refusal(
            .conflict, code: "target_required",
            known.isEmpty ? "No target is registered." : "Several targets are registered and none was named.",
            rule: "a target may be left out only when there is exactly one",
            remedy: known.isEmpty
                ? "Add one under targets in aurora.yaml."
                : "Name one of: \(known.map(\.text).joined(separator: ", ")).",
            details: ["targets": JSONValue(known.map(\.text))])
    }

    static func busy(_ target: TargetName, with change: ChangeID) -> Refusal {
        Refusal(
            .conflict, code: "target_busy", "The change \(change.text) is running on \(target.text).",
            subject: target.text, rule: "one change at a time for each target",
            remedy: "Wait until it ends: aurora change watch \(change.text)", details: ["change": .string(change.text)])
    }

    static func blocked(_ tree: Digest, on target: TargetName) -> Refusal {
        Refusal(
            .conflict, code: "digest_blocked", "\(tree.hex) failed on \(target.text) before and is blocked there.",
            subject: tree.hex, rule: "a tree that was taken back is not activated again",
            remedy: "Stage a corrected release, or clear the block with a reason: "
                + "aurora target unblock \(target.text) \(tree.hex)")
    }

    static func hardware(_ release: StagedRelease, on target: TargetSettings) -> Refusal {
        Refusal(
            .unprocessable, code: "hardware_mismatch",
            "\(release.artifact.hex) "
                + (release.hardwareIDs.isEmpty
                    ? "names no hardware; " : "is for \(release.hardwareIDs.joined(separator: ", ")); ")
                + "\(target.description.name.text) is \(target.hardwareIDs.joined(separator: ", ")).",
            subject: release.artifact.hex,
            rule: "a target with hardware ids takes only releases whose signed release file names one of them",
            remedy: "Stage a release for this hardware: aurora release build --hardware ID, then aurora release sign.")
    }

    static func unsigned(_ release: StagedRelease, on target: TargetName) -> Refusal {
        Refusal(
            .unprocessable, code: "unsigned", "\(release.artifact.hex) has no good signature.",
            subject: release.artifact.hex, rule: "the policy of \(target.text) does not allow unsigned artifacts",
            remedy: "Sign the artifact, upload the signature and stage it again.")
    }

    static func generationUnknown(_ number: Int64, on target: TargetName) -> Refusal {
        Refusal(
            .notFound, code: "generation_unknown", "\(target.text) has no generation \(number).", subject: target.text,
            rule: "only kept generations can come back",
            remedy: "See which are kept: aurora target show \(target.text)")
    }

    static func rollbackUnavailable(_ target: TargetName, _ why: String) -> Refusal {
        Refusal(
            .conflict, code: "rollback_unavailable", "\(target.text) cannot be taken back: \(why).",
            subject: target.text,
            rule:
                "an approved promote carries the right to take exactly that change back, once, until the next promote",
            remedy: "Ask for the generation you want; it needs an approval of its own.")
    }

    static func blockUnknown(_ tree: Digest, on target: TargetName) -> Refusal {
        Refusal(
            .notFound, code: "block_unknown", "\(tree.hex) is not blocked on \(target.text).", subject: tree.hex,
            rule: "only a blocked digest can be cleared",
            remedy: "See what is blocked: aurora target show \(target.text)")
    }

    static func reasonRequired(subject: String, length: Int64) -> Refusal {
        Refusal(
            .badRequest, code: "reason_required", "This needs a reason of at least \(length) characters.",
            subject: subject, rule: "every act on a target says why", remedy: "Say why in a sentence.")
    }

    static func twice(_ target: TargetDescription) -> Refusal {
        Refusal(
            .conflict, code: "target_twice", "The name or the path of \(target.name.text) is used by two targets.",
            subject: target.name.text, rule: "names and paths of targets are unique",
            remedy: "Correct the targets in aurora.yaml.")
    }
}

extension TargetRefusals {
    /// Turns the engine's refusals into ones a client understands; failures of the machine stay what they are.
    static func translating<T>(_ target: TargetName, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ActivationError {
            throw refusal(error, on: target) ?? error
        }
    }

    private static func refusal(_ error: ActivationError, on target: TargetName) -> Refusal? {
        let (kind, code): (Refusal.Kind, String)
        switch error.code {
        case .busy: (kind, code) = (.conflict, "target_busy")
        case .blocked: (kind, code) = (.conflict, "digest_blocked")
        case .noRollbackTarget: (kind, code) = (.conflict, "rollback_unavailable")
        case .unknownGeneration: (kind, code) = (.notFound, "generation_unknown")
        case .unknownTree: (kind, code) = (.notFound, "release_unknown")
        case .drifted: (kind, code) = (.conflict, "target_drifted")
        case .foreignContent: (kind, code) = (.conflict, "target_foreign_content")
        case .needsRecovery, .needsGate: (kind, code) = (.unavailable, "target_needs_recovery")
        case .system where error.cause?.errno == ENOSPC || error.cause?.errno == EDQUOT:
            (kind, code) = (.insufficientStorage, "insufficient_storage")
        default: return nil
        }
        // The engine's own words name paths of the machine; those are for the hub's log.
        return Refusal(
            kind, code: code, "\(target.text): \(error.message.replacingPaths)", subject: target.text,
            rule: "activation engine: \(error.code.rawValue)", remedy: error.remedy)
    }
}

extension String {
    /// The text with every absolute path written as an ellipsis: clients learn nothing of the machine's folders.
    fileprivate var replacingPaths: String {
        split(separator: " ", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("/") ? "…" : $0 }.joined(separator: " ")
    }
}
