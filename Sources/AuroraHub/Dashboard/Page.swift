import AuroraModel

/// The frame every page stands in: head, navigation, notices, and the content.
enum Page {
    /// A whole document.
    ///
    /// - Parameters:
    ///   - notice: What the act that led here said, with its kind (`good`, `warn`, `bad`).
    static func document(
        _ title: String, for viewer: Viewer, notice: Notice? = nil, content: [HTML]
    ) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="csrf" content="\(viewer.csrf)">
        <title>\(title) · Aurora</title>
        <link rel="icon" href="\(DashboardAssets.current.icon.path)" type="image/svg+xml">
        <link rel="stylesheet" href="\(DashboardAssets.current.style.path)">
        <script type="module" src="\(DashboardAssets.current.script.path)"></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        \(viewer.isDev ? devMark : .nothing)
        <header class="top">
        <strong>Aurora</strong>
        \(navigation(for: viewer))
        </header>
        <main id="content">
        <h1>\(title)</h1>
        <p id="live" role="status" aria-live="polite" class="quiet"></p>
        <p id="said" class="notice" role="status" hidden></p>
        \(notice.map { Parts.notice($0) } ?? .nothing)
        \(content)
        </main>
        </body>
        </html>

        """
    }

    private static let devMark: HTML = """
        <p class="dev" role="alert">DEV: anybody on this machine may approve their own changes. Never use this for real devices.</p>
        """

    private static func navigation(for viewer: Viewer) -> HTML {
        guard let name = viewer.name, let role = viewer.role else { return .nothing }
        return """
            <nav aria-label="Pages">
            <a href="/">Overview</a>
            <a href="/suggestions">Suggestions</a>
            <a href="/changes">Changes</a>
            <a href="/audit">Audit log</a>
            </nav>
            <form class="who" method="post" action="/ui/logout">
            \(Parts.csrf(viewer))
            <span>\(name) <span class="quiet">(\(role.rawValue))</span></span>
            <button class="plain">Log out</button>
            </form>
            """
    }
}

/// One sentence that tells how an act ended.
struct Notice: Sendable, Hashable {
    enum Kind: String, Sendable { case good, warn, bad }

    let kind: Kind
    let text: String
}
