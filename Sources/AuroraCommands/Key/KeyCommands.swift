import AuroraModel
import AuroraSystem
import AuroraTrust

/// The commands of `aurora key`.
enum KeyCommands {
    static let commands: [Command] = [generate, list, export]

    private static let name = CommandOption.value("name", "NAME", "what the key is called [your user name]")

    static let generate = Command(
        "key generate", "make an operator key for signing approvals",
        discussion: """
            The secret half stays on this machine, encrypted with a passphrase; only the public half ever leaves it. \
            Tell the hub with aurora user key add; another admin admits it.
            """,
        options: [name, .key, .passphraseFile],
        examples: ["key generate --name ann"],
        run: { invocation in
            let path = LocalOperatorKey.path(invocation)
            guard !LocalFile.exists(path) else {
                throw CommandError(
                    "there is a key already: \(path)", remedy: "name another file with --key", code: "key_exists",
                    exit: .conflict)
            }
            let name = invocation.line.value("name") ?? invocation.surroundings.environment["USER"] ?? "operator"
            let passphrase = try invocation.passphrase(prompt: "New passphrase for \(path)", twice: true)
            try FolderMaker.make(LocalFile.folder(path))
            let key = try OperatorKeyFile.generate(name: name, passphrase: passphrase)
            try key.save(to: path)
            let text = "\(key.publicKey)"
            invocation.console.show("OperatorKey", description(path, text), names: [path]) { text }
            invocation.console.note("secret half: \(path)\n  next: aurora user key add")
            return .success
        })

    static let list = Command(
        "key list", "list the operator keys on this machine",
        run: { invocation in
            let folder = LocalOperatorKey.folder(invocation)
            let names = ((try? DirectoryNames.read(in: folder)) ?? []).compactMap(\.text)
            let paths = names.filter { $0.hasSuffix(".key") }.sorted().map { folder + "/" + $0 }
            let keys = try paths.map { description($0, try LocalOperatorKey.publicText($0)) }
            var table = TextTable("FILE", "PUBLIC KEY")
            for key in keys { table.add(key.text("file"), key.text("key")) }
            invocation.console.show(
                "OperatorKeyList", list: keys, name: "file", table: table,
                empty: "no key here; next: aurora key generate")
            return .success
        })

    static let export = Command(
        "key export-public", "print the public half of an operator key", options: [.key],
        run: { invocation in
            let path = LocalOperatorKey.path(invocation)
            let text = try LocalOperatorKey.publicText(path)
            invocation.console.show("OperatorKey", description(path, text), names: [text]) { text }
            return .success
        })

    private static func description(_ path: String, _ text: String) -> JSONValue {
        ["file": .string(path), "key": .string(text)]
    }
}
