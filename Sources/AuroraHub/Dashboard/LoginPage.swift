/// The page for people who have not logged in: a one-time code, or name and password.
enum LoginPage {
    /// - Parameter isFirst: The hub has no account yet: the code makes the first admin.
    static func content(isFirst: Bool) -> [HTML] {
        [codeForm(isFirst: isFirst), isFirst ? .nothing : passwordForm]
    }

    private static func codeForm(isFirst: Bool) -> HTML {
        """
        <form class="card" method="post" action="/ui/session" autocomplete="off">
        <h2>\(isFirst ? "Make the first admin" : "With a one-time code")</h2>
        <p id="code-note" class="quiet" hidden>The code from your link is filled in.</p>
        <label for="code">Code</label>
        <input id="code" name="code" required maxlength="128" spellcheck="false">
        \(isFirst ? firstAdminFields : .nothing)
        <button>Log in</button>
        <p class="quiet">The hub prints a link with a code when it starts for the first time. Later, an admin makes one
        with <code>aurora user link</code>. A code works once, for ten minutes.</p>
        </form>
        """
    }

    private static let firstAdminFields: HTML = """
        <label for="user">Your name here</label>
        <input id="user" name="user" value="admin" required maxlength="64" autocomplete="username" spellcheck="false">
        <label for="new-password">Password (at least 12 characters; may stay empty)</label>
        <input id="new-password" name="password" type="password" minlength="12" maxlength="256" autocomplete="new-password">
        """

    private static let passwordForm: HTML = """
        <form class="card" method="post" action="/ui/session">
        <h2>With a password</h2>
        <label for="user">Name</label>
        <input id="user" name="user" required maxlength="64" autocomplete="username" spellcheck="false">
        <label for="password">Password</label>
        <input id="password" name="password" type="password" required maxlength="256" autocomplete="current-password">
        <button>Log in</button>
        </form>
        """
}
