import AuroraModel
import AuroraSystem

/// The versions of the demo's service: compiled, packed, signed.
struct DemoVersions {
    let places: DemoPlaces
    let invocation: Invocation
    /// The sources of the service.
    let sources: String

    /// One version that is built.
    struct Version: Sendable {
        let number: String
        let isHealthy: Bool
    }

    /// What was there before Aurora, two good versions, and one that starts but is not healthy.
    static let all = [
        Version(number: "0.9.0", isHealthy: true), Version(number: "1.0.0", isHealthy: true),
        Version(number: "2.0.0", isHealthy: true), Version(number: "3.0.0", isHealthy: false),
    ]

    /// Compiles every version into a tree of its own, as many at once as there are processors.
    func compile() throws {
        let compiler = try Tool(surroundings: invocation.surroundings).path("swiftc", package: "the Swift toolchain")
        var running: [ChildProcess] = []
        for version in Self.all {
            let tree = places.tree(version.number)
            try FolderMaker.make(tree + "/bin", mode: 0o755)
            let source = "\(places.root)/trees/\(version.number).swift"
            try LocalFile.write(source, Array(constants(version).utf8))
            try LocalFile.write(tree + "/VERSION", Array((version.number + "\n").utf8))
            if running.count >= 2 { try finish(running.removeFirst()) }
            running.append(try start(compiler, source, output: tree + "/bin/version-service"))
        }
        try running.forEach(finish)
    }

    private func constants(_ version: Version) -> String {
        "let serviceVersion = \"\(version.number)\"\nlet isServiceHealthy = \(version.isHealthy)\n"
    }

    private func start(_ compiler: String, _ source: String, output: String) throws -> ChildProcess {
        try ChildProcess.start(
            ProcessSpec(
                executable: compiler,
                arguments: [
                    "-O", "-parse-as-library", "-static-stdlib", "-Xlinker", "-s", "-I", sources + "/CMicrohttpd",
                    "-module-name", "VersionService", sources + "/Sources/Service.swift",
                    sources + "/Sources/HealthCheck.swift", source, "-o", output,
                ],
                environment: invocation.surroundings.environment))
    }

    private func finish(_ child: ChildProcess) throws {
        guard try child.wait(timeout: .seconds(120)) == .exited(0) else {
            throw CommandError(
                "the demo's service does not compile", remedy: "read the compiler's message above", code: "demo_failed")
        }
    }

    /// Makes a throw-away key and the keyring with its public half.
    ///
    /// - Returns: the key's fingerprint.
    func makeKey() throws -> String {
        try gpg(["--passphrase", "", "--quick-gen-key", "demo@example.org", "ed25519", "sign", "never"])
        let listing = String(
            decoding: try gpg(["--with-colons", "--list-keys", "demo@example.org"]), as: UTF8.self)
        let fields = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }?.split(separator: ":")
        guard let fingerprint = fields?.last.map(String.init) else {
            throw CommandError("gpg made no key", cause: listing, code: "demo_failed")
        }
        try LocalFile.write(places.keyring, try gpg(["--armor", "--export", "demo@example.org"]))
        return fingerprint
    }

    /// Packs and signs a version: the commands a release engineer would type, run by this very program.
    func pack(_ version: String) throws {
        try aurora([
            "release", "build", places.tree(version), "--name", "version-service", "--version", version, "--into",
            places.artifacts,
        ])
        try aurora(["release", "sign", places.artifact(version), "--signing-key", "demo@example.org"])
    }

    private func aurora(_ arguments: [String]) throws {
        let result = try Processes.run(
            ProcessSpec(
                executable: invocation.surroundings.executable, arguments: arguments + ["--quiet"],
                environment: environment))
        guard result.isSuccess else {
            throw CommandError(
                "aurora \(arguments[0]) \(arguments[1]) failed",
                cause: String(decoding: result.errorOutput, as: UTF8.self), code: "demo_failed")
        }
    }

    @discardableResult
    private func gpg(_ arguments: [String]) throws -> [UInt8] {
        var surroundings = invocation.surroundings
        surroundings.environment = environment
        return try Tool(surroundings: surroundings).run("gpg", ["--batch", "--quiet"] + arguments, package: "gpg")
    }

    private var environment: [String: String] {
        invocation.surroundings.environment.merging(["GNUPGHOME": places.gnupg]) { $1 }
    }

    /// Ends the agent that gpg started for the throw-away key.
    func stopAgent() {
        var surroundings = invocation.surroundings
        surroundings.environment = environment
        _ = try? Tool(surroundings: surroundings).run("gpgconf", ["--kill", "gpg-agent"], package: "gpgconf")
    }

    /// Finds the sources of the service: named, beside an installed program, or above a built one.
    static func sources(_ invocation: Invocation) throws -> String {
        if let named = invocation.line.value("example") { return named }
        return try invocation.comesWith("version-service", inSources: "Examples/version-service")
    }
}

extension Invocation {
    /// A folder that comes with the program: beside an installed one, or in the sources above a built one.
    func comesWith(_ installed: String, inSources built: String) throws -> String {
        var folder = LocalFile.folder(surroundings.executable)
        var candidates = ["\(folder)/../share/aurora/\(installed)"]
        while folder.count > 1 {
            candidates.append("\(folder)/\(built)")
            folder = LocalFile.folder(folder)
        }
        guard let found = candidates.first(where: LocalFile.exists) else {
            throw CommandError(
                "\(installed), which comes with the program, is missing",
                remedy: "install with make install, or run the program from its sources", code: "demo_failed",
                exit: .notFound)
        }
        return found
    }
}
