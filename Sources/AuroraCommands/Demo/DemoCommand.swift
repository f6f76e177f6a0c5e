/// The command `aurora demo`.
enum DemoCommand {
    static let commands: [Command] = [
        Command(
            "demo", "the whole job, for real, on this machine, with throw-away keys",
            discussion: """
                Builds and signs two versions of a small real HTTP service, starts a hub, and takes both through \
                upload, staging, a signed approval by a second person, an atomic switch and the way back. Shows what \
                is refused, kills the hub in mid-promote twenty times, verifies the audit log, does the same with \
                two packs in their sandboxes on a device, and keeps serving until Ctrl-C. Nothing is faked; everything lies in a temporary folder and is removed at the end.
                """,
            options: [
                .flag("once", "end after the last step instead of serving on"),
                .flag("keep", "keep the folder at the end"),
                .value("kills", "N", "how often the hub is killed [20]"),
                .value("example", "DIR", hint: .directory, "the sources of the demo's service"),
            ],
            examples: ["demo", "demo --once"],
            run: { try Demo.run($0) })
    ]
}
