/// Why the namespace registry refused; nothing was changed.
package enum NamespaceError: Error, Hashable, Sendable {
    /// The id is registered already.
    case alreadyRegistered(NamespaceID)
    /// The id is not registered.
    case unknown(NamespaceID)
    /// Somebody changed it since the caller read it.
    case stale(NamespaceID, expected: Int64, found: Int64)
    /// Every number of the range is taken.
    case noIdentityLeft(IdentityRange)
    /// The identity cannot be given up: the id is registered still.
    case inUse(NamespaceID)
    /// The identity cannot be given up: its owner's files are still there.
    case dataExists(NamespaceID, place: String)
    /// A row cannot be read back.
    case damaged(NamespaceID, reason: String)
}

extension NamespaceError: CustomStringConvertible {
    /// What failed, on which thing, why, and what to do next.
    package var description: String {
        switch self {
        case .alreadyRegistered(let id):
            "\(id) is registered already; change it instead, or remove it first"
        case .unknown(let id):
            "\(id) is not registered on this device; list the known ones with `aurora pack list`"
        case .stale(let id, let expected, let found):
            "\(id) was changed by somebody else (version \(expected) was read, it is \(found) now); read it again and decide anew"
        case .noIdentityLeft(let range):
            "no user id is left between \(range.first) and \(range.last); "
                + "purge packs that are not needed, or widen the range in the device's configuration"
        case .inUse(let id):
            "the user id of \(id) stays taken while it is registered; remove it first"
        case .dataExists(let id, let place):
            "the user id of \(id) stays taken while its files are at \(place); purge them first"
        case .damaged(let id, let reason):
            "the facts of \(id) cannot be read: \(reason); restore the device's database from its backup"
        }
    }
}
