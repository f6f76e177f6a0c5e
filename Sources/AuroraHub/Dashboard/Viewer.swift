import AuroraModel

/// Who looks at a page, and therefore which of its buttons are there.
///
/// A page shows only what this person may do; the route behind every button checks again.
struct Viewer: Sendable {
    /// Nil on the login page.
    let name: String?
    let role: Role?
    let rights: Set<Right>
    /// Goes into every form as `csrf`; empty when there is no session.
    let csrf: String
    /// The hub runs with `--dev`: every page says so in red.
    let isDev: Bool

    /// Nobody has logged in yet.
    static func stranger(isDev: Bool) -> Viewer {
        Viewer(name: nil, role: nil, rights: [], csrf: "", isDev: isDev)
    }

    func may(_ right: Right) -> Bool { rights.contains(right) }
}
