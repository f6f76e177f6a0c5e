import AuroraArchive
import AuroraModel
import AuroraSystem
import Glibc

/// What is refused about data.
enum DataRefusals {
    static func damaged(_ snapshot: DataSnapshot) -> Refusal {
        Refusal(
            .unavailable, code: "snapshot_damaged",
            "The snapshot of \(snapshot.pack)'s data before generation \(snapshot.generation) is damaged.",
            subject: snapshot.pack.text, rule: "a snapshot has the bytes it was taken with",
            remedy: "check the disk; the data in use are not touched")
    }

    static func missing(_ pack: PackID, _ what: String) -> Refusal {
        Refusal(
            .notFound, code: "data_missing", "\(pack) has \(what).", subject: pack.text,
            remedy: "see what is there: aurora pack data \(pack)")
    }

    /// - Parameter isForChange: whether the copy is made for a version to be installed, whose manifest may ask for less.
    static func unreadable(
        _ pack: PackID, _ folder: String, _ error: SystemError, isForChange: Bool = true
    ) -> Refusal {
        let place = "\(folder)/\(error.path ?? "")".printable(limit: 400)
        let problem =
            switch (error.errno, error.operation) {
            case (EILSEQ, "readlinkat"): "\(place) is a link to a name that is not UTF-8"
            case (EILSEQ, _): "\(place) is a name that is not UTF-8"
            case (ENAMETOOLONG, _):
                "\(place) lies too deep, in more than \(FileTree.depthLimit) folders or \(PATH_MAX) bytes of names"
            default: "\(error)"
            }
        let byHand = "stop the pack (aurora pack stop \(pack)), then rename or remove what is named there"
        return Refusal(
            .unprocessable, code: "data_unreadable", "The data of \(pack) cannot be copied: \(problem).",
            subject: pack.text, rule: "data are put aside before anything may change them",
            remedy: isForChange
                ? byHand
                    + "; or install a version whose data.exclude names a folder above it, or, with the same schema, "
                    + "one that says data.snapshot: never; letting the pack go (aurora pack install --remove \(pack)) copies nothing"
                : byHand)
    }

    static func migrated(_ snapshot: DataSnapshot, active: SemanticVersion) -> Refusal {
        let pack = snapshot.pack
        let version = snapshot.version ?? snapshot.form?.version
        let name = version.map { "version \($0)" } ?? "the version before the hook"
        return Refusal(
            .conflict, code: "data_migrated",
            "These data of \(pack) are those of \(name), and the active version \(active) may not read them: a migrate hook "
                + "changed such data on the way from one to the other, or would have to.",
            subject: pack.text, rule: "data are put in place only for a version that reads them",
            remedy: "make \(name) active: aurora pack rollback --to N (see aurora pack generations)"
                + (version.map { " or aurora pack install \(pack)@\($0)" } ?? "")
                + "; put them in place under it, and install a later version only after the one whose hook carries them over"
        )
    }

    static func halfDone(_ pack: PackID) -> Refusal {
        Refusal(
            .unavailable, code: "data_half_done", "Putting data of \(pack) in place was not brought to its end.",
            subject: pack.text, rule: "a pack finds its old data or the new ones, never half of both",
            remedy: "look what keeps its folders from being renamed (the device's log, the disk), then restart the core"
        )
    }

    static func inactive(_ pack: PackID) -> Refusal {
        Refusal(
            .conflict, code: "pack_not_active", "\(pack) is not active here.", subject: pack.text,
            rule: "data are put in place for the version that works on them",
            remedy: "make it active first: aurora pack install \(pack)")
    }

    static func other(_ snapshot: DataSnapshot, wanted pack: PackID) -> Refusal {
        Refusal(
            .unprocessable, code: "data_of_other_pack", "These are data of \(snapshot.pack), not of \(pack).",
            subject: pack.text, rule: "a pack gets no other pack's data",
            remedy: "name the pack they are of, or give the right archive")
    }

    static func schema(_ snapshot: DataSnapshot, active schema: Int) -> Refusal {
        let pack = snapshot.pack
        return Refusal(
            .conflict, code: "data_schema_differs",
            "These data have schema \(snapshot.schema); the active version of \(pack) works on schema \(schema).",
            subject: pack.text, rule: "data are put in place only for a version that reads them",
            remedy: snapshot.schema > schema
                ? "make a version with schema \(snapshot.schema) active first: aurora pack install \(pack)"
                : "put them in place under a version with schema \(snapshot.schema), then install the newer one: its hook "
                    + "carries them over")
    }

    static func archive(_ path: String, _ problem: String) -> Refusal {
        Refusal(
            .unprocessable, code: "data_archive_damaged", "\(path) \(problem).", subject: path,
            rule: "an archive of data has the bytes it was written with",
            remedy: "export the data again: aurora pack export-data")
    }

    static func unwritable(_ pack: PackID, _ refusal: ArchiveRefusal) -> Refusal {
        let isFull = refusal.rule == .diskFull
        return Refusal(
            isFull ? .insufficientStorage : .unprocessable,
            code: isFull ? "insufficient_storage" : "data_not_portable",
            "The data of \(pack) were not written into an archive: \(refusal.description)", subject: pack.text,
            rule: refusal.rule.rawValue,
            remedy: isFull
                ? "free space, or write it elsewhere"
                : "put right what is named there, or leave it out with data.exclude")
    }

    static func exists(_ path: String) -> Refusal {
        Refusal(
            .conflict, code: "file_exists", "\(path) is there already.", subject: path,
            rule: "an export overwrites nothing", remedy: "choose another name")
    }

    static func room(_ what: String, needed: Int64, free: Int64) -> Refusal {
        Refusal(
            .insufficientStorage, code: "insufficient_storage", "\(what) needs \(needed) bytes, and \(free) are free.",
            subject: what, rule: "data must fit whole before anything is changed",
            remedy: "free space, or let old generations go: aurora pack gc")
    }

    static func nothingToTakeBack(_ pack: PackID, _ why: String) -> Refusal {
        Refusal(
            .conflict, code: "nothing_to_take_back", "\(pack) has no data that were put aside: \(why).",
            subject: pack.text, rule: "the last time data were put in place can be taken back once",
            remedy: "see what is there: aurora pack data \(pack)")
    }
}
