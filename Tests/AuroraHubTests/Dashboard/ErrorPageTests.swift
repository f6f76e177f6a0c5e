import AuroraHTTP
import Testing

@testable import AuroraHub

@Suite("The page of a refusal")
struct ErrorPageTests {
    @Test("ends its sentences once, whatever the refusal ended with", arguments: ["It is busy", "It is busy."])
    func sentences(_ detail: String) throws {
        let problem = Problem(409, "busy", detail, remedy: "wait for it.")
        let response = ErrorPage.response(problem, title: "Conflict", requestID: "rq-1")
        guard case .bytes(let bytes) = response.body else {
            Issue.record("the page is \(response.body)")
            return
        }
        let page = String(decoding: bytes, as: UTF8.self)
        #expect(page.contains("It is busy.<"))
        #expect(page.contains("<p>Wait for it.</p>"))
        #expect(!page.contains(".."))
    }
}
