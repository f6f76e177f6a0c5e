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
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// Runs one command line, without the program's name, and gives its exit code.
    static func run(_ arguments: [String]) -> Int32 {
        Signals.ignoreBrokenPipes()
        let surroundings = Surroundings(
            environment: Environment.all, executable: executablePath,
            isInteractive: Terminal.isTerminal(0))
        return Program(services: Wiring.services, surroundings: surroundings).run(arguments)
    }

    /// Where this program lies, links followed, whatever it was called as.
    private static var executablePath: String {
        (try? FileTree.readLink("/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}
