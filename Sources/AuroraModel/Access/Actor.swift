/// Who does something, by what means and from where: the first half of every audit entry.
package struct Actor: Hashable, Sendable {
    /// The account, or a word such as `system` or `drop-folder` for what no person did.
    package let name: String
    package let via: ActorVia
    /// The peer's address as text, empty for what happens inside the hub.
    package let address: String

    package init(name: String, via: ActorVia, address: String = "") {
        self.name = name
        self.via = via
        self.address = address
    }

    package init(_ user: UserName, via: ActorVia, address: String = "") {
        self.init(name: user.text, via: via, address: address)
    }

    /// The hub itself: timers, recovery, start-up.
    package static let system = Actor(name: "system", via: .system)

    /// Files in a queue folder; who put them there, only the machine knows.
    package static let dropFolder = Actor(name: "drop-folder", via: .system)

    /// Requests without a login, from this address.
    package static func nobody(at address: String) -> Actor { Actor(name: "nobody", via: .system, address: address) }

    /// The names above: an account that had one would read in the log like what no person did.
    package static let reservedNames: Set<String> = [system.name, dropFolder.name, nobody(at: "").name]
}

/// By what means an actor came in.
package enum ActorVia: Hashable, Sendable, CustomStringConvertible {
    case token(TokenID)
    case session
    case console
    case system

    package var description: String {
        switch self {
        case .token(let id): "token:" + id.text
        case .session: "session"
        case .console: "console"
        case .system: "system"
        }
    }

    /// Reads what ``description`` wrote.
    package init?(_ text: String) {
        switch text {
        case "session": self = .session
        case "console": self = .console
        case "system": self = .system
        default:
            guard text.hasPrefix("token:"), let id = TokenID(String(text.dropFirst(6))) else { return nil }
            self = .token(id)
        }
    }
}
