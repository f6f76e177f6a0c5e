/// The command `aurora demo`.
enum DemoCommand {
    static let commands: [Command] = []
}
