import AuroraSystem
import Glibc

/// `make bench`: measures the hot paths side by side with other programs in one run and prints ratios.
@main
struct AuroraBench {
    /// Every group of rows, in the order of the table.
    static let groups: [Group] = [
        Group("promote", ActivationRows.run), Group("audit", AuditRows.run), Group("start", StartRows.run),
        Group("memory", MemoryRows.run), Group("poll", PollRows.run), Group("transfer", TransferRows.run),
        Group("stage", StageRows.run), Group("sandbox", SandboxRows.run), Group("packs", PackRows.run),
        Group("registry", RegistryRows.run), Group("resolver", ResolverRows.run),
        Group("vfs", FileSystemRows.run),
        Group("scheduler", SchedulerRows.run),
        Group("large", isOptional: true, LargeRows.run),
    ]

    static func main() {
        do {
            guard let options = try BenchOptions(Array(CommandLine.arguments.dropFirst()), groups: groups.map(\.name))
            else { return Standard.writeOutput(BenchOptions.help(groups.map(\.name))) }
            exit(try run(options) ? 0 : 1)
        } catch {
            Standard.writeError("aurora-bench: \(error)\n")
            exit(2)
        }
    }

    /// Runs the wanted groups; false when one of them could not be measured.
    private static func run(_ options: BenchOptions) throws -> Bool {
        Signals.ignoreBrokenPipes()
        let bench = try Bench(options: options)
        defer { bench.cleanUp() }
        Interruption.handle(removing: bench.folder)
        Standard.writeOutput(try MachineFacts.text(bench))
        var table = ResultTable()
        var isComplete = true
        for group in groups where options.wants(group) {
            Standard.writeError("measuring \(group.name) …\n")
            do {
                table.rows += try group.run(bench)
            } catch {
                isComplete = false
                table.rows.append(.failed(group.name, "\(error)"))
            }
        }
        Standard.writeOutput(table.text)
        Standard.writeOutput("\n\(MachineFacts.load("at the end"))\n")
        return isComplete
    }
}

/// Rows that are measured together.
struct Group: Sendable {
    let name: String
    /// Whether it takes so long that it is run only when asked for.
    let isOptional: Bool
    let run: @Sendable (Bench) throws -> [ResultRow]

    init(_ name: String, isOptional: Bool = false, _ run: @escaping @Sendable (Bench) throws -> [ResultRow]) {
        self.name = name
        self.isOptional = isOptional
        self.run = run
    }
}
