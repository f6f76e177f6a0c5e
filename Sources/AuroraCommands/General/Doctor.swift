import AuroraModel

/// `aurora doctor`: this machine first, then the hub.
struct Doctor {
    let invocation: Invocation

    /// Shows every finding; the exit code is 1 when one of them is bad.
    func run() throws -> ExitCode {
        let state = invocation.examinedState
        let own = [DeviceFileCheck.finding(try invocation.devicePlaces), hubFinding()]
        let findings = invocation.services.probe(state) + own.compactMap { $0 }
        let items = findings.map { finding -> JSONValue in
            [
                "name": .string(finding.name), "status": .string(finding.status.rawValue),
                "detail": .string(finding.detail), "remedy": .string(finding.remedy),
            ]
        }
        let device = invocation.services.deviceFacts("/", state)
        invocation.console.show("Doctor", ["items": .array(items), "device": device], names: findings.map(\.name)) {
            let width = findings.map(\.name.count).max() ?? 0
            return findings.map { line($0, width) }.joined()
        }
        return findings.contains { $0.status == .bad } ? .failure : .success
    }

    private func line(_ finding: Finding, _ width: Int) -> String {
        let console = invocation.console
        let mark =
            switch finding.status {
            case .good: console.paint("ok  ", .green)
            case .warning: console.paint("warn", .yellow)
            case .bad: console.paint("BAD ", .red)
            }
        let name = finding.name + String(repeating: " ", count: width - finding.name.count)
        let remedy = finding.remedy.isEmpty ? "" : "\n      next: \(finding.remedy.onOneLine)"
        return "\(mark)  \(name)  \(finding.detail.onOneLine)\(remedy)\n"
    }

    private func hubFinding() -> Finding {
        let address = invocation.hubAddress
        do {
            let health = try invocation.anonymousHub().get("/healthz")
            return Finding(name: "hub", status: .good, detail: "\(address) answers, version \(health.text("version"))")
        } catch {
            return Finding(
                name: "hub", status: .warning, detail: "\(address) does not answer",
                remedy: "aurora hub start, or name another with --hub")
        }
    }
}
