import AuroraCommands
import AuroraHub
import AuroraPacks
import AuroraRuntime
import AuroraSystem

/// Gives the commands what only the hub's modules can do.
enum Wiring {
    static let services = LocalServices(
        startHub: { start in _ = try HubService.run(options(start)) },
        backup: { state, destination in
            ProcessRights.keepNewFilesPrivate()
            return try HubMaintenance.backup(state: state, to: destination)
        },
        restore: { backup, state in
            ProcessRights.keepNewFilesPrivate()
            return try HubMaintenance.restore(backup: backup, to: state)
        },
        checkConfiguration: { path in try HubConfiguration.check(file: path).notes },
        probe: { state in HubDoctor.examine().map(finding) + DeviceDoctor.examine(facts("/", state)).map(finding) },
        deviceFacts: { root, state in facts(root, state).json },
        referencePages: { scratch in try HubReference.pages(scratch: scratch) + ManifestReference.pages })

    /// Everything about a device, what its packs' rooms lack as well.
    private static func facts(_ root: String, _ state: String) -> DeviceFacts {
        FactsReader(root: root, state: state, missingLayers: SandboxedRunner.missingHere).read()
    }

    private static func options(_ start: HubStart) -> HubOptions {
        var options = HubOptions(state: start.state)
        options.configuration = start.configuration
        options.listen = start.listen
        options.updaterPort = start.updaterPort.flatMap { UInt16(exactly: $0) }
        options.dashboardPort = start.dashboardPort.flatMap { UInt16(exactly: $0) }
        options.only = start.only.flatMap { HubOptions.Half(rawValue: $0) }
        options.tlsCertificate = start.certificate
        options.tlsKey = start.certificateKey
        options.isBehindProxy = start.isBehindProxy
        options.isDev = start.isDevelopment
        options.jsonLogs = start.logFormat.map { $0 == "json" }
        options.apiToken = takeToken()
        return options
    }

    /// The token leaves the environment, so that no child inherits it and `/proc/PID/environ` shows it no longer.
    private static func takeToken() -> String? { ProcessRights.takeVariable("AURORA_API_TOKEN") }

    private static func finding(_ finding: HubDoctor.Finding) -> Finding {
        let status: Finding.Status =
            switch finding.status {
            case .good: .good
            case .warning: .warning
            case .bad: .bad
            }
        return Finding(name: finding.name, status: status, detail: finding.detail, remedy: finding.remedy)
    }

    private static func finding(_ finding: DeviceDoctor.Finding) -> Finding {
        Finding(
            name: finding.name, status: finding.isGood ? .good : .warning, detail: finding.detail,
            remedy: finding.remedy)
    }
}
