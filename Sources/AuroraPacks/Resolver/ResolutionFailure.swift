package import AuroraModel

/// Why there is no set of packs that answers a request; nothing was changed.
package enum ResolutionFailure: Error, Hashable, Sendable {
    /// No choice of versions satisfies everybody; the sentences prove it, step by step, and end with what to do.
    case conflict(sentences: [String])
    /// Packs need each other in a circle; the first is named again at the end.
    case cycle([PackID])
    /// An installed version is not among the known ones, so what it needs is not known.
    case unknownInstalled(PackID, SemanticVersion)
    /// The budget was spent before there was an answer; the sentences say what was found out.
    case budget(decisions: Int, sentences: [String])
}

extension ResolutionFailure: CustomStringConvertible {
    /// What failed, why, and what to do next; one sentence a line where there are several.
    package var description: String {
        switch self {
        case .conflict(let sentences):
            return sentences.joined(separator: "\n")
        case .cycle(let path):
            let circle = path.map(\.text).joined(separator: " needs ")
            return "packs need each other in a circle, so none can start first: \(circle); "
                + "ask for versions in which one of them does not need the next"
        case .unknownInstalled(let id, let version):
            return
                "\(id) \(version) is installed, but its manifest is not in the store, so what it needs is not known; "
                + "stage it again with `aurora pack stage`, or remove it in the same request"
        case .budget(let decisions, let sentences):
            return
                ([
                    "No answer was found after \(decisions) tries; name exact versions of some packs to narrow the search."
                ]
                + sentences).joined(separator: "\n")
        }
    }
}
