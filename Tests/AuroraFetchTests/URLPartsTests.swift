import Testing

@testable import AuroraFetch

@Suite struct URLPartsTests {
    @Test("two addresses have one origin only when scheme, host and port agree")
    func origins() {
        #expect(WebOrigin("http://Localhost:80/a") == WebOrigin("http://localhost/b?c"))
        #expect(WebOrigin("http://localhost:9710/") != WebOrigin("http://localhost:9711/"))
        #expect(WebOrigin("http://localhost/") != WebOrigin("https://localhost/"))
        #expect(WebOrigin("ftp://localhost/") == nil)
    }

    @Test("an address with a password in it is not sent")
    func refusesUserInformation() {
        #expect(throws: FetchError.self) {
            try HTTPClient().perform(ClientRequest(url: "http://user:secret@127.0.0.1:1/"))
        }
    }
}
