import AuroraFetch
import AuroraSystem
import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraHTTP

/// S-17: TLS 1.2 and later with strong suites, and a new key without a restart.
@Suite struct TLSTests {
    /// Runs openssl and gives what it printed on both channels.
    private func openssl(_ arguments: [String], input: String = "") throws -> (output: String, succeeded: Bool) {
        var spec = ProcessSpec(executable: "/usr/bin/openssl", arguments: arguments)
        spec.environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
        spec.stdin = .bytes(Array(input.utf8))
        spec.timeout = .seconds(20)
        let result = try Processes.run(spec)
        let text = String(decoding: result.output + result.errorOutput, as: UTF8.self)
        return (text, result.outcome == .exited(0))
    }

    private func makeIdentity(
        _ directory: String, name: String, type: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    ) throws -> TLSFiles {
        let files = TLSFiles(certificate: "\(directory)/\(name).crt", privateKey: "\(directory)/\(name).key")
        let made = try openssl(
            ["req", "-x509", "-newkey"] + type + [
                "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", files.privateKey, "-out", files.certificate,
            ])
        #expect(made.succeeded, "\(made.output)")
        return files
    }

    private func connect(_ port: UInt16, _ options: [String], request: String = "") throws -> (
        output: String, succeeded: Bool
    ) {
        try openssl(["s_client", "-connect", "127.0.0.1:\(port)", "-ign_eof"] + options, input: request)
    }

    private let request = "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    @Test("S-17: TLS 1.2 and 1.3 are spoken, older versions and weak suites are not")
    func versions() throws {
        try withTemporaryDirectory { directory in
            let files = try makeIdentity(directory, name: "one")
            try withServer(configuration: .test { $0.tls = files }) { server in
                for version in ["-tls1_2", "-tls1_3"] {
                    let (output, _) = try connect(server.boundPort, [version], request: request)
                    #expect(output.contains("HTTP/1.1 200 OK"), "\(output)")
                    #expect(output.contains("GET /a 0"))
                }
                for old in ["-tls1", "-tls1_1"] {
                    let (output, succeeded) = try connect(
                        server.boundPort, [old, "-cipher", "DEFAULT:@SECLEVEL=0"], request: request)
                    #expect(!succeeded && !output.contains("200 OK"), "\(old): \(output)")
                }
                let weak = "AES128-SHA:AES256-SHA:ECDHE-ECDSA-AES128-SHA:AES128-GCM-SHA256:NULL-SHA:@SECLEVEL=0"
                let (output, succeeded) = try connect(
                    server.boundPort, ["-tls1_2", "-cipher", weak], request: request)
                #expect(!succeeded && !output.contains("200 OK"), "\(output)")
            }
        }
    }

    @Test("S-17: a new certificate is used by new connections after a reload; a broken one changes nothing")
    func reload() throws {
        try withTemporaryDirectory { directory in
            let files = try makeIdentity(directory, name: "first")
            try withServer(configuration: .test { $0.tls = files }) { server in
                #expect(try connect(server.boundPort, [], request: request).output.contains("CN = first"))
                let second = try makeIdentity(directory, name: "second", type: ["rsa:2048"])
                try DurableFile.rename(second.certificate, to: files.certificate)
                #expect(throws: HTTPServerError.self, "the key is still the old one") { try server.reloadTLS() }
                #expect(try connect(server.boundPort, [], request: request).output.contains("CN = first"))
                try DurableFile.rename(second.privateKey, to: files.privateKey)
                try server.reloadTLS()
                let (output, _) = try connect(server.boundPort, [], request: request)
                #expect(output.contains("CN = second"))
                #expect(output.contains("200 OK"))
            }
        }
    }

    @Test("a client that trusts the certificate uploads and streams over TLS; one that does not, refuses")
    func clients() throws {
        try withTemporaryDirectory { directory in
            let files = try makeIdentity(directory, name: "localhost")
            let sink = CountingSink()
            let handler = TestHandler(
                begin: { $0.hasBody ? .stream(sink) : .none },
                respond: { HTTPResponse(text: "\($0.head.isTLS) \(sink.received.load(ordering: .relaxed))") })
            try withServer(handler, configuration: .test { $0.tls = files }) { server in
                let url = "https://127.0.0.1:\(server.boundPort)/a"
                var configuration = ClientConfiguration()
                let stranger = HTTPClient(configuration: configuration)
                let error = try #require(
                    #expect(throws: FetchError.self) { try stranger.perform(ClientRequest(url: url)) })
                #expect(error.isCertificateProblem, "\(error)")
                configuration.caFile = files.certificate
                let client = HTTPClient(configuration: configuration)
                #expect(try client.perform(ClientRequest(url: url)).text == "true 0")
                let body = [UInt8](repeating: 1, count: 5_000_000)
                let answer = try client.perform(ClientRequest(method: "PUT", url: url, body: .bytes(body)))
                #expect(answer.text == "true 5000000")
            }
        }
    }

    @Test("S-18: refusals over TLS are as whole and single as without")
    func refusals() throws {
        try withTemporaryDirectory { directory in
            let files = try makeIdentity(directory, name: "one")
            try withServer(configuration: .test { $0.tls = files }) { server in
                for head in ["Content-Length: abc\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n", "X: a\r\n b\r\n"]
                {
                    let (output, _) = try connect(
                        server.boundPort, ["-quiet"], request: "GET / HTTP/1.1\r\nHost: x\r\n\(head)\r\n" + request)
                    #expect(output.contains("HTTP/1.1 400 "), "\(output)")
                    #expect(!output.contains("200 OK"))
                    #expect(output.ranges(of: "HTTP/1.1 ").count == 1, "\(output)")
                }
            }
        }
    }

    @Test("TLS files that are missing, mixed up or encrypted are named in the error")
    func badFiles() throws {
        try withTemporaryDirectory { directory in
            let one = try makeIdentity(directory, name: "one")
            let two = try makeIdentity(directory, name: "two")
            for (certificate, key, named) in [
                ("\(directory)/none", one.privateKey, "none"), (one.certificate, "\(directory)/none", "none"),
                (one.certificate, two.privateKey, "two.key"), (one.privateKey, one.privateKey, "one.key"),
            ] {
                var configuration = HTTPServerConfiguration()
                configuration.tls = TLSFiles(certificate: certificate, privateKey: key)
                let server = HTTPServer(configuration: configuration, handler: TestHandler())
                let error = try #require(#expect(throws: HTTPServerError.self) { try server.start() })
                #expect("\(error)".contains(named), "\(error)")
            }
        }
    }

    @Test("plain HTTP on a TLS port gets no answer from a handler")
    func plainOnTLS() throws {
        try withTemporaryDirectory { directory in
            let files = try makeIdentity(directory, name: "one")
            let handler = TestHandler()
            try withServer(handler, configuration: .test { $0.tls = files }) { server in
                let client = try RawClient(port: server.boundPort)
                client.send(request)
                #expect(client.readToEnd().end != .stillOpen)
                #expect(handler.targets == [])
            }
        }
    }
}
