import AuroraCommands
import AuroraSystem
import Glibc

/// The program: hands the command line to AuroraCommands and wires what it may do on this machine.
@main
struct Aurora {
    static func main() {
        if CommandLine.arguments.dropFirst().first == "internal" {
            exit(InternalVerbs.run(CommandLine.arguments.dropFirst(2)))
        }
        Signals.ignoreBrokenPipes()
        let surroundings = Surroundings(
            environment: Environment.all, executable: executablePath,
            isInteractive: Terminal.isTerminal(0))
        exit(
            Program(services: Wiring.services, surroundings: surroundings).run(
                Array(CommandLine.arguments.dropFirst())))
    }

    /// Where this program lies, links followed, whatever it was called as.
    private static var executablePath: String {
        (try? FileTree.readLink("/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
