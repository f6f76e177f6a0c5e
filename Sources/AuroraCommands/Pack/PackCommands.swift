import AuroraModel
import AuroraPacks

/// The commands of `aurora pack` that look at packs and change which are active.
enum PackCommands {
    static let commands: [Command] = [
        stage, dryRun, plan, approve, install, activate, rollback, list, generations, info, verify, collect, unblock,
    ]

    /// The pack a command is about, in the words of the prototype; an argument means the same.
    static let packs = CommandOption.value("pack", "ID", isRepeatable: true, "a pack by its id; may be repeated")
    static let packArgument = CommandArgument("pack", "a pack's id, also as id@range such as os_base@^1.2", count: .any)
    private static let approval = CommandOption.value(
        "approval", "FILE", hint: .file, "a signed approval of exactly this plan")
    private static let expected = CommandOption.value("plan", "DIGEST", "refuse when the plan is another one by now")
    private static let removal = CommandOption.value(
        "remove", "ID", isRepeatable: true, "let this pack go in the same change")
    static let operatorName = CommandOption.value(
        "operator", "NAME", "whose key signs, where device.yaml does not say")
    private static let validHours = CommandOption.value("valid-hours", "N", "how long the approval may be used [24]")

    static let stage = Command(
        "pack stage", "verify a pack and bring it into the device's store",
        discussion: """
            A staged pack is never active by itself. A source is a pack's folder, or its tar archive with the signature \
            beside it as .asc or .sig. Every file is digested while it is copied, and what was verified is what is stored. \
            --pack ID takes the folder packs/ID.
            """,
        arguments: [CommandArgument("source", "folders and archives", count: .any, hint: .file)],
        options: [packs, .device],
        examples: [
            "pack stage packs/pack-status", "pack stage --pack pack03_os_base", "pack stage gateway-1.2.0.tar.gz",
        ],
        run: { try PackStaging(invocation: $0).run() })

    static let dryRun = Command(
        "pack dry-run", "show what installing would change, and rehearse it",
        discussion: """
            The same steps as pack install up to the approval, and nothing is changed. Packs whose manifests say \
            dry_run_supported run install --dry-run in the full sandbox, on throw-away copies, without network.
            """,
        arguments: [packArgument], options: [packs, removal, .device],
        examples: ["pack dry-run --pack pack03_os_base", "pack dry-run pack-status@^1.0.0"],
        run: { try PackChange(invocation: $0).rehearse() })

    static let plan = Command(
        "pack plan", "describe a change of packs exactly, for approval elsewhere",
        discussion: """
            Prints the plan, or writes its bytes with --out: a person with an operator key signs them on another machine \
            with pack approve, and pack install takes the signature with --approval.
            """,
        arguments: [packArgument],
        options: [
            packs, removal, .value("generation", "N", "the packs of generation N again"),
            .value("out", "FILE", hint: .file, "write the plan's bytes to FILE"), .device,
        ],
        examples: ["pack plan pack-status --out change.plan"],
        run: { try PackChange(invocation: $0).describe() })

    static let approve = Command(
        "pack approve", "sign a plan of packs with your operator key",
        discussion: "Needs no device: the plan is a file, and so is the approval.",
        arguments: [CommandArgument("plan", "the file that pack plan --out wrote", hint: .file)],
        options: [
            .reason, .value("out", "FILE", hint: .file, "where the approval goes [PLAN.approval]"), .key,
            .passphraseFile,
            operatorName, validHours,
        ],
        examples: ["pack approve change.plan --operator ann --reason \"tested on the bench\""],
        run: { try PlanSigner(invocation: $0).run() })

    static let install = Command(
        "pack install", "make staged packs active: plan, rehearse, ask, switch, prove, or take back",
        discussion: """
            All packs and what they depend on change together, with one rename. Without --approval the person at this \
            terminal is shown the plan, types APPROVE and says why; the approval is signed with the operator key, or \
            recorded as typed at the console where device.yaml accepts that. If any pack is not healthy in its time, \
            everything is taken back at once and the failed bytes are blocked.
            """,
        arguments: [packArgument],
        options: [
            packs, removal, expected, approval, .reason, .key, .passphraseFile, operatorName,
            .flag("no-rehearsal", "do not run install --dry-run first"), .device,
        ],
        examples: [
            "pack install --pack pack-status", "pack install pack-status --approval change.approval",
        ],
        run: { try PackChange(invocation: $0).install() })

    static let activate = Command(
        "pack activate", "make staged packs, or the packs of an earlier generation, active again",
        discussion: "A change like any other: with its own plan and approval.",
        arguments: [packArgument],
        options: [
            packs, .value("generation", "N", "the packs of generation N"), expected, approval, .reason, .key,
            .passphraseFile, operatorName, .device,
        ],
        examples: ["pack activate --generation 3", "pack activate pack-status@1.0.0"],
        run: { try PackChange(invocation: $0).activate() })

    static let rollback = Command(
        "pack rollback", "take the last change of packs back",
        discussion: """
            Immediate, once, and without a fresh approval: the right to take a change back came with its approval. The \
            digest taken back is blocked. The right ends with the next change, also with one that was not healthy and \
            was taken back by itself. With --to an earlier generation becomes active, which is a change of its own \
            and needs its own approval.
            """,
        options: [
            packs, .value("to", "N", "the packs of generation N, as a change of its own"), .reason, approval, .key,
            .passphraseFile, operatorName, expected, .device,
        ],
        examples: ["pack rollback --reason \"the page is slow\"", "pack rollback --to 2"],
        run: { try PackChange(invocation: $0).rollback() })

    static let list = Command(
        "pack list", "list the packs of this device, active and staged",
        discussion: "Shows what is there at this moment: it waits for no change that is under way, and holds none up.",
        options: [.device], run: { try PackLists(invocation: $0).list() })

    static let generations = Command(
        "pack generations", "list the kept generations, and which a rollback brings back",
        discussion: """
            The newest first. Their numbers are those of pack rollback --to, pack activate --generation and pack plan \
            --generation. It waits for no change that is under way.
            """,
        options: [.device], run: { try PackLists(invocation: $0).generations() })

    static let info = Command(
        "pack info", "show everything about one pack",
        arguments: [CommandArgument("pack", "the pack's id", count: .optional)], options: [packs, .device],
        examples: ["pack info --pack pack-status"],
        run: { try PackLists(invocation: $0).info() })

    static let verify = Command(
        "pack verify", "read every byte of the active packs and compare it with what was verified", options: [.device],
        run: { try PackLists(invocation: $0).verify() })

    static let collect = Command(
        "pack gc", "remove packs, generations and snapshots that nothing needs",
        discussion: "The active packs, those that a rollback brings back, pinned and newly staged ones always stay.",
        options: [.device], run: { try PackLists(invocation: $0).collect() })

    static let unblock = Command(
        "pack unblock", "let bytes that failed on this device be activated again",
        arguments: [CommandArgument("tree", "the tree's digest, as pack info shows it")], options: [.reason, .device],
        run: { try PackLists(invocation: $0).unblock() })
}

extension Invocation {
    /// The packs named by arguments and by `--pack`, in that order.
    func packWords(_ argument: String = "pack") -> [String] { line.words(argument) + line.values("pack") }

    /// The pack that a word of the command line names.
    static func packID(_ word: String) throws -> PackID {
        guard let id = PackID(word) else {
            throw CommandError.usage("'\(word)' is no pack id", cause: PackIDKind.rule)
        }
        return id
    }
}
