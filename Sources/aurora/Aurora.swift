import Glibc

@main
struct Aurora {
    static func main() {
        if CommandLine.arguments.dropFirst().first == "internal" {
            exit(InternalVerbs.run(CommandLine.arguments.dropFirst(2)))
        }
    }
}
