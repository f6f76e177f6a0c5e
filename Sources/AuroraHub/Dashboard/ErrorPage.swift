import AuroraHTTP
import AuroraModel

/// A refusal as a page: what was refused, why, and what to do next.
enum ErrorPage {
    /// The answer for a person; whoever is not logged in is sent to the login page.
    static func response(_ problem: Problem, title: String, requestID: String) -> HTTPResponse {
        if problem.status == 401 { return .seeOther("/login") }
        let content: [HTML] = [
            Parts.notice(Notice(kind: .bad, text: problem.detail.asSentence)),
            """
            <section class="card">
            <p>\(problem.remedy.asSentence)</p>
            <p><a href="/">Back to the overview</a></p>
            <p class="quiet">Code <code>\(problem.code)</code>, request <code>\(requestID)</code></p>
            </section>
            """,
        ]
        var response = HTTPResponse.page(
            Page.document(title, for: .stranger(isDev: false), content: content), status: problem.status)
        response.headers.fill(from: problem.headers)
        return response
    }
}
