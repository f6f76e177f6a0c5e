import AuroraModel

/// The commands of `aurora release`.
enum ReleaseCommands {
    static let commands: [Command] = [build, sign, verify, upload, stage, trial, list, show, delete]

    static let build = Command(
        "release build", "pack a folder into an artifact and write its release file",
        discussion: """
            Makes NAME-VERSION.tar.gz, always the same bytes for the same tree, and beside it the release file that \
            names it: name, version, hardware ids and SHA-256. Signing the release file is better than signing the \
            artifact: only then can a hub see a downgrade.
            """,
        arguments: [CommandArgument("folder", "the tree to pack", hint: .directory)],
        options: [
            .value("name", "NAME", "the release's name"),
            .value("version", "VERSION", "its semantic version, such as 2.4.0"),
            .value("hardware", "ID", isRepeatable: true, "a hardware id it is made for; may be repeated"),
            .value("into", "DIR", hint: .directory, "write the files there [.]"),
        ],
        examples: ["release build ./tree --name gateway --version 2.4.0"],
        run: { try ReleaseBuilder(invocation: $0).build() })

    static let sign = Command(
        "release sign", "sign a release file, or an artifact, with an OpenPGP key",
        discussion: """
            Runs gpg, so keys, agents and smart cards work as you have set them up. Given an artifact with a release \
            file beside it, the release file is signed; --artifact signs the artifact itself.
            """,
        arguments: [CommandArgument("file", "the artifact or its .release.json", hint: .file)],
        options: [
            .value("signing-key", "KEY", short: "u", "the OpenPGP key, as gpg names keys"),
            .flag("artifact", "sign the artifact even when there is a release file"),
        ],
        examples: ["release sign gateway-2.4.0.tar.gz --signing-key release@example.org"],
        run: { try ReleaseSigner(invocation: $0).sign() })

    static let verify = Command(
        "release verify", "judge an artifact's signature here, as a hub would",
        arguments: [CommandArgument("file", "the artifact", hint: .file)],
        options: [
            .value("keyring", "FILE", hint: .file, isRepeatable: true, "trusted OpenPGP keys, armored or binary"),
            .value("fingerprint", "HEX", isRepeatable: true, "accept only this key [every key of the keyring]"),
        ],
        examples: ["release verify gateway-2.4.0.tar.gz --keyring release-keys.asc"],
        run: { try ReleaseVerifier(invocation: $0).verify() })

    static let upload = Command(
        "release upload", "send artifacts and what belongs to them to the hub",
        discussion: """
            The .asc, .sha256, .release.json and .release.json.asc files beside an artifact go with it. Large files \
            are sent in pieces and continue where an interrupted upload ended.
            """,
        arguments: [CommandArgument("file", "an artifact", count: .oneOrMore, hint: .file)],
        options: [.flag("alone", "do not send the files beside it")],
        examples: ["release upload gateway-2.4.0.tar.gz"],
        run: { try ReleaseUploader(invocation: $0).upload() })

    static let stage = Command(
        "release stage", "verify an uploaded artifact and unpack it where it can be activated",
        discussion: "Checks signature, digest and archive rules. What is staged is never active.",
        arguments: [
            CommandArgument("artifact", "its SHA-256 or the name it was uploaded by", hint: .live(.artifacts))
        ],
        options: [
            .value("target", "NAME", hint: .live(.targets), "only for this target [all]"), .wait, .noWait,
        ],
        examples: ["release stage gateway-2.4.0.tar.gz"],
        run: { invocation in
            let hub = try invocation.hub()
            let change = try hub.post(
                "/api/v1/releases",
                [
                    ("artifact", .string(invocation.argument("artifact"))),
                    ("target", .init(invocation.line.value("target"))),
                ])
            return try invocation.follow(change, hub) { ended in
                "staged \(ended.text("subject"))\n  next: aurora target promote TARGET \(ended.digest("subject"))"
            }
        })

    static let trial = Command(
        "release try", "run a staged release's health command in a sandboxed copy without network",
        arguments: [CommandArgument("release", "SHA-256, its beginning, or name@version", hint: .live(.releases))],
        options: [
            .value("target", "NAME", hint: .live(.targets), "the target whose health command runs"), .wait, .noWait,
        ],
        examples: ["release try gateway@2.4.0 --target gateway"],
        run: { invocation in
            let hub = try invocation.hub()
            guard let target = invocation.line.value("target") else {
                throw CommandError.usage("a trial needs a target", remedy: "add --target NAME")
            }
            let release = try Names(hub: hub).release(invocation.argument("release"))
            let change = try hub.post(
                "/api/v1/releases" + URLText.path(release, "trial"), [("target", .string(target))])
            return try invocation.follow(change, hub) { ended in
                "tried \(release.prefix(12)) on \(target): \(ended.list("tasks").last?.text("detail") ?? "done")"
            }
        })

    static let list = Command(
        "release list", "list staged releases, newest first",
        options: [.limit],
        examples: ["release list", "releases list --json"],
        run: { invocation in
            let items = try invocation.hub().list("/api/v1/releases", limit: try invocation.number("limit") ?? 50)
            var table = TextTable("SHA256", "RELEASE", "SIGNATURE", "SIZE", "STAGED", "BY")
            for item in items {
                table.add(
                    item.digest("sha256"), item.releaseTitle, ReleaseText.signature(item),
                    ByteCount.text(item["bytes"]?.integer ?? 0), item.moment("staged"), item.text("stagedBy"))
            }
            invocation.console.show(
                "ReleaseList", list: items, name: "sha256", table: table,
                empty: "nothing is staged; next: aurora release upload FILE, then aurora release stage FILE")
            return .success
        })

    static let show = Command(
        "release show", "show a staged release",
        arguments: [CommandArgument("release", "SHA-256, its beginning, or name@version", hint: .live(.releases))],
        examples: ["release show gateway@2.4.0"],
        run: { invocation in
            let hub = try invocation.hub()
            let digest = try Names(hub: hub).release(invocation.argument("release"))
            let release = try hub.get("/api/v1/releases" + URLText.path(digest))
            invocation.console.show("Release", release, names: [digest]) { ReleaseText.facts(release) }
            return .success
        })
}

extension ReleaseCommands {
    static let delete = Command(
        "release delete", "delete a release and its artifact from the hub, to make room",
        discussion: """
            Refused while a target keeps a generation of it or an open suggestion asks for it. A file that was never \
            staged, such as an old signature, is deleted by its SHA-256.
            """,
        arguments: [CommandArgument("release", "SHA-256, its beginning, or name@version", hint: .live(.releases))],
        options: [.confirm],
        examples: ["release delete gateway@2.3.0"],
        run: { invocation in
            let hub = try invocation.hub()
            let digest = try Names(hub: hub).release(invocation.argument("release"))
            let artifact = try hub.get("/api/v1/artifacts" + URLText.path(digest))
            let short = String(digest.prefix(12))
            let title = artifact.text("filename").isEmpty ? short : artifact.text("filename")
            try invocation.confirm("This deletes \(title) (\(short)) from the hub.", name: short)
            if artifact["staged"]?.bool == true {
                _ = try hub.send(HubRequest(method: "DELETE", target: "/api/v1/releases" + URLText.path(digest)))
            }
            _ = try hub.send(HubRequest(method: "DELETE", target: "/api/v1/artifacts" + URLText.path(digest)))
            let size = ByteCount.text(artifact["size"]?.integer ?? 0)
            invocation.console.show("Deleted", ["sha256": .string(digest)], names: [digest]) {
                "deleted \(title), \(size) are free"
            }
            return .success
        })
}

/// Releases in words.
enum ReleaseText {
    /// The verdict on the signature in a word or two.
    static func signature(_ release: JSONValue) -> String {
        guard let verdict = release["signature"] else { return "" }
        let covers = verdict.text("covers")
        return verdict.text("state") == "good" && !covers.isEmpty ? "good, covers \(covers)" : verdict.text("state")
    }

    /// Everything about one release, line by line.
    static func facts(_ release: JSONValue) -> String {
        var facts = Facts()
        facts.add("release", release.releaseTitle)
        facts.add("sha256", release.text("sha256"))
        facts.add("file", release.text("filename"))
        facts.add("size", ByteCount.text(release["bytes"]?.integer ?? 0))
        facts.add("signature", signature(release))
        facts.add("", release["signature"]?.text("explanation") ?? "")
        facts.add("signed by", release["signature"]?.text("fingerprint") ?? "")
        facts.add("staged", "\(release.moment("staged")) by \(release.text("stagedBy"))")
        facts.add("tree", "\(release["entries"]?.integer ?? 0) entries, \(release.digest("tree"))")
        return facts.text
    }
}
