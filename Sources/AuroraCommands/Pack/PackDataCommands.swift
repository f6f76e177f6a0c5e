import AuroraModel
import AuroraPacks

/// The commands of `aurora pack` about what packs keep.
enum PackDataCommands {
    static let commands: [Command] = [list, export, importing, restore]

    private static let pack = CommandArgument("pack", "the pack's id")

    static let list = Command(
        "pack data", "list what packs keep, the copies of it, and what can be taken back",
        arguments: [CommandArgument("pack", "the pack's id; all packs when there is none", count: .optional)],
        options: [.device], examples: ["pack data", "pack data pack-status --json"],
        run: { try PackData(invocation: $0).list() })

    static let export = Command(
        "pack export-data", "write a pack's data into one archive",
        discussion: """
            A tar archive with the data, the manifest of every file and the facts about them. The pack and those that need \
            it are stopped while its data are copied, and run again before the archive is written. With --generation it is \
            the copy that was put aside before generation N, and nothing is stopped. The file is readable for its owner \
            alone; one that is there already is never overwritten. What the pack's manifest leaves out of copies is not in it.
            """,
        arguments: [pack],
        options: [
            .value("out", "FILE", hint: .file, "where the archive goes [PACK-data.tar]"),
            .value("generation", "N", "the copy taken before generation N"), .device,
        ],
        examples: ["pack export-data pack-status --out status.tar", "pack export-data pack-status --generation 4"],
        run: { try PackData(invocation: $0).export() })

    static let importing = Command(
        "pack import-data", "put the data of an archive in place of a pack's",
        discussion: """
            The archive is unpacked without rights and every byte is compared with its manifest before anything is stopped. \
            It must be of this pack and of the schema that the active version works on. What the pack had is put aside: \
            pack restore-data brings it back.
            """,
        arguments: [pack, CommandArgument("file", "an archive of pack export-data", hint: .file)],
        options: [.reason, .device],
        examples: ["pack import-data pack-status status.tar --reason \"moved from gateway-6\""],
        run: { try PackData(invocation: $0).importData() })

    static let restore = Command(
        "pack restore-data", "bring a pack's data back: those put aside by an import, or a snapshot",
        discussion: """
            Without --generation the last import or restore is taken back, once, as long as the pack has the version it \
            had then. With it a copy of the snapshot before generation N is put in place, and what the pack had is put aside \
            as by an import.
            """,
        arguments: [pack],
        options: [.value("generation", "N", "the copy taken before generation N"), .reason, .device],
        examples: [
            "pack restore-data pack-status --reason \"the import was the wrong day\"",
            "pack restore-data pack-status --generation 4 --reason \"the page lost its history\"",
        ],
        run: { try PackData(invocation: $0).restore() })
}
