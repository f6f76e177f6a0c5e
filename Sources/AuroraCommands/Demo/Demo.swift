import AuroraModel
import AuroraSystem
import Glibc

/// The demo: an ordinary client of a hub that it starts itself, from an empty folder to a verified log.
struct Demo {
    let invocation: Invocation
    let places: DemoPlaces
    let screen: DemoScreen
    let signals: DemoSignals
    let hub: DemoHub
    let versions: DemoVersions

    static let target = "version-service"

    /// Runs the demo and cleans up, whatever happened.
    static func run(_ invocation: Invocation) throws -> ExitCode {
        let sources = try DemoVersions.sources(invocation)
        // Read between the steps instead of killing us, so that no child and no folder is left behind.
        Signals.block()
        let (updater, dashboard) = (try ReservedPort(near: 9710), try ReservedPort(near: 9711))
        let places = try DemoPlaces.make()
        let signals = DemoSignals()
        let demo = Demo(
            invocation: invocation, places: places, screen: DemoScreen(console: invocation.console), signals: signals,
            hub: DemoHub(
                places: places, invocation: invocation, signals: signals, updater: updater, dashboard: dashboard),
            versions: DemoVersions(places: places, invocation: invocation, sources: sources))
        defer { demo.cleanUp() }
        do {
            return try demo.play()
        } catch is DemoInterrupted {
            return .interrupted
        }
    }

    private func cleanUp() {
        hub.stop()
        versions.stopAgent()
        guard invocation.line.has("keep") else { return places.remove() }
        screen.done("kept", places.root)
    }

    private func play() throws -> ExitCode {
        screen.banner("DEMO, keys are throw-away. Everything lies in \(places.root) and goes at the end.")
        try signals.check()
        let fingerprint = try build()
        let service = try startService()
        defer { service.stop() }
        try startHub(fingerprint, service)
        let people = try DemoPeople.arrive(at: hub, places: places)
        screen.done("ada, the first admin, came in by the one-time link")
        screen.done("rita may upload and ask; owen approves with his own key", "\(people.owenKeyID)")
        try signals.check()
        let acts = DemoActs(demo: self, people: people, service: service)
        try acts.play()
        try DemoDevice(demo: self).play(people)
        screen.chapter("All of it took \(screen.elapsed)")
        guard !invocation.line.has("once") else { return .success }
        return try serve(people)
    }

    private func build() throws -> String {
        screen.chapter("A small real HTTP service, in versions that differ in what is compiled into them")
        try versions.compile()
        screen.done("compiled", DemoVersions.all.map(\.number).joined(separator: ", "))
        let fingerprint = try versions.makeKey()
        screen.done("made a throw-away OpenPGP key", fingerprint)
        for version in DemoVersions.all.dropFirst() {
            try versions.pack(version.number)
            let (digest, size) = try ArtifactFile.measure(places.artifact(version.number))
            screen.done("packed and signed \(version.number)", "\(ByteCount.text(size)), sha256 \(digest.short)…")
        }
        try signals.check()
        return fingerprint
    }

    /// Version 0.9.0 is what a machine looks like before Aurora: a folder somebody copied there.
    private func startService() throws -> DemoService {
        try FileTree.copy(from: places.tree("0.9.0"), to: places.target)
        let service = try DemoService(places: places)
        screen.done("running, installed by hand", "version \(try service.version()) on port \(service.port)")
        return service
    }

    private func startHub(_ fingerprint: String, _ service: DemoService) throws {
        screen.chapter("A hub")
        try LocalFile.write(places.configuration, Array(configuration(fingerprint, service).utf8))
        try hub.start()
        screen.done("the hub answers", "\(hub.base), updaters on port \(hub.updaterPort)")
    }

    private func configuration(_ fingerprint: String, _ service: DemoService) -> String {
        let address = "http://127.0.0.1:\(service.port)"
        return """
            version: aurora-config-v1
            signing:
              keyring: [\(places.keyring)]
              fingerprints: [\(fingerprint)]
            targets:
              - name: \(Self.target)
                path: \(places.target)
                kind: link
                domain: core
                safety: routine
                apply: [/usr/bin/curl, -fsS, --max-time, "10", -X, POST, \(address)/restart]
                health: [\(places.program), check, "\(service.port)"]
                health_timeout_seconds: 15
                \(runAs)
                policy: {approvers: 1, signatures: operator-signed}

            """
    }

    /// As root, the target's commands get a user of their own; otherwise they have ours anyway.
    private var runAs: String {
        geteuid() == 0 ? "run_as: {uid: 64321, gid: 64321}" : "run_as: {uid: \(geteuid()), gid: \(getegid())}"
    }

    /// Prints a login link and serves on.
    private func serve(_ people: DemoPeople) throws -> ExitCode {
        let link = try people.admin.post("/api/v1/login-codes", []).text("link")
        screen.chapter("The dashboard, one login: \(link)")
        screen.banner("Serving until Ctrl-C. DEMO, keys are throw-away.")
        try signals.wait()
        screen.chapter("Stopping")
        return .success
    }
}
