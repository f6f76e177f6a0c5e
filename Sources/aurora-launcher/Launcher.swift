import Glibc

/// Puts the layers of a sandbox in place, one after the other, and executes a program: `aurora-launcher <descriptor>`.
///
/// The descriptor holds the specification, or is the socket it comes from (its layout stands in AuroraSandbox's
/// LauncherSpec). One thread, no
/// Foundation: Landlock and seccomp bind the calling thread, so nothing may start another one before the program runs.
@main
struct Launcher {
    static func main() {
        guard CommandLine.argc == 2, let number = CommandLine.arguments.last.flatMap(Int32.init), number > 2 else {
            Failure(.specification, "usage: aurora-launcher <descriptor of the specification>", code: 0).end(
                status: nil)
        }
        do throws(Failure) {
            let file = try SpecificationFile(descriptor: number)
            let specification = try Specification(file)
            do throws(Failure) {
                try Sequence(specification).run()
            } catch {
                error.end(status: specification.status)
            }
        } catch {
            error.end(status: nil)
        }
    }
}
