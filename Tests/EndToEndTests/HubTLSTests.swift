import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// TLS as the real program speaks it.
@Suite("TLS of a hub")
struct HubTLSTests {
    private func identity(_ name: String, in folder: String) throws -> (certificate: String, key: String) {
        let files = (certificate: "\(folder)/\(name).crt", key: "\(folder)/\(name).key")
        let made = try run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost", "-keyout", files.key,
                "-out", files.certificate,
            ])
        try #require(made.code == 0, "\(made)")
        return files
    }

    private static func request(_ target: String, closing: Bool) -> String {
        "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(closing ? "Connection: close\r\n" : "")\r\n"
    }

    /// One request over a connection of its own: what openssl says about the connection, and the answer.
    private func exchange(_ port: String, _ target: String = "/healthz", _ options: [String] = []) throws -> String {
        let ran = try run(
            "/usr/bin/openssl", ["s_client", "-connect", "localhost:\(port)", "-ign_eof"] + options,
            input: .bytes(Array(Self.request(target, closing: true).utf8)))
        return ran.output + ran.error
    }

    /// A connection that stays open between its requests.
    private final class Held {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()

        init(_ port: String) throws {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = ["s_client", "-connect", "localhost:\(port)", "-quiet", "-no_ign_eof"]
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
        }

        /// Asks on this connection; everything up to the end of the answer's JSON, or of the connection.
        func ask() throws -> String {
            try input.fileHandleForWriting.write(contentsOf: Data(HubTLSTests.request("/healthz", closing: false).utf8))
            var text = ""
            while !text.contains("}") {
                let more = output.fileHandleForReading.availableData
                guard !more.isEmpty else { break }
                text += String(decoding: more, as: UTF8.self)
            }
            return text
        }

        func close() {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
    }

    @Test(
        "S-17 S-13 a hub speaks TLS 1.2 and 1.3 only, says HSTS, and takes a new certificate without dropping connections",
        .timeLimit(.minutes(5)))
    func tls() throws {
        try World.with { world in
            let files = try identity("first", in: world.root)
            let hub = HubProcess(
                folder: world.root, arguments: ["--tls-cert", files.certificate, "--tls-key", files.key])
            try hub.start()
            defer { try? hub.kill() }
            for url in [hub.dashboard, hub.updater] {
                let port = String(url.split(separator: ":").last ?? "")
                for version in ["-tls1_2", "-tls1_3"] {
                    let answer = try exchange(port, "/healthz", [version])
                    #expect(answer.contains("HTTP/1.1 200 OK"), "\(answer)")
                    #expect(answer.contains("Strict-Transport-Security: max-age=31536000"), "\(answer)")
                }
                #expect(try exchange(port, "/api/v1/users").contains("Strict-Transport-Security: max-age="))
                for old in ["-tls1", "-tls1_1"] {
                    let answer = try exchange(port, "/healthz", [old, "-cipher", "DEFAULT:@SECLEVEL=0"])
                    #expect(!answer.contains("HTTP/1.1 "), "\(old): \(answer)")
                }
            }
            try renew(hub, files, world)
            #expect(try hub.stop() == .exited(0))
        }
    }

    private func renew(
        _ hub: HubProcess, _ files: (certificate: String, key: String), _ world: World
    ) throws {
        let port = String(hub.dashboard.split(separator: ":").last ?? "")
        let held = try Held(port)
        defer { held.close() }
        #expect(try held.ask().contains("HTTP/1.1 200 OK"))
        #expect(try exchange(port).contains("CN = first"))
        let second = try identity("second", in: world.root)
        try DurableFile.rename(second.certificate, to: files.certificate)
        try DurableFile.rename(second.key, to: files.key)
        hub.signal(SIGHUP)
        // The signal is not answered: ask until the new name is seen.
        try #require(try eventually { try exchange(port).contains("CN = second") })
        #expect(try held.ask().contains("HTTP/1.1 200 OK"), "the connection from before lives on")
    }
}
