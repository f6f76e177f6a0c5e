import AuroraModel
import AuroraSystem
import Glibc

/// The small program that the kill sweep and the power-cut replay run: the real modules, and nothing of the hub.
///
///     aurora-crash-driver VERB DIR [KIND] [FIRST] [LAST] [ACKNOWLEDGED]
///
/// Verbs that act print `ack N` when something must survive from now on. `check…` verbs exit 1 with a sentence when it
/// did not. Exit 2: wrong use. Exit 3: the act failed and said why.
@main
enum CrashDriver {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 2 else { end(2, "usage: aurora-crash-driver VERB DIR [KIND] [FIRST] [LAST]") }
        do {
            try run(arguments[0], Array(arguments.dropFirst()))
        } catch let bad as BadState {
            end(1, bad.description)
        } catch {
            end(3, "\(error)")
        }
    }

    private static func run(_ verb: String, _ rest: [String]) throws {
        if try runOnReleases(verb, rest) || runOnPacks(verb, rest) { return }
        let folder = rest[0]
        let kind = rest.count > 1 ? TargetKind(rawValue: rest[1]) ?? .link : .link
        let first = rest.count > 2 ? Int(rest[2]) ?? 0 : 0
        let last = rest.count > 3 ? Int(rest[3]) ?? first : first
        // The highest acknowledged version is the oldest one that may still be there.
        let oldest = max(first, rest.count > 4 ? Int(rest[4]) ?? 0 : 0)
        let target = DrivenTarget(folder: folder, kind: kind)
        switch verb {
        case "seed": try target.seed()
        case "adopt": _ = try target.open()
        case "setup": try target.setUp(last: first)
        case "promote": try target.promote(from: first, to: last, isHealthy: true)
        case "promote-unhealthy": try target.promote(from: first, to: last, isHealthy: false)
        case "rollback": try target.rollback()
        case "recover": try target.recover()
        case "look": _ = try target.look(from: first, to: last)
        case "check": try target.check(from: oldest, to: last)
        case "check-rollback": try target.check(from: 1, to: first > 0 ? 1 : 2)
        case "bad-copy": try BadTwins(target: target).copyOver(from: first, to: last)
        case "bad-rewrite": try BadTwins(target: target).rewrite(from: first, to: last)
        case "bad-rename": try BadTwins(target: target).renameWithoutSync(from: first, to: last)
        case "look-file": try BadTwins(target: target).lookAtFile(from: oldest, to: last)
        case "audit-setup": _ = try DrivenLog(folder: folder)
        case "audit-append": try DrivenLog(folder: folder).append(from: Int(rest[1]) ?? 0, to: Int(rest[2]) ?? 0)
        case "audit-check": try DrivenLog(folder: folder).check(acknowledged: Int(rest[1]) ?? 0)
        case "jobs": try DrivenJobs(folder).run()
        case "register": try DrivenRegistry(folder).register(group: rest[1], count: Int(rest[2]) ?? 0)
        default: end(2, "unknown verb \(verb)")
        }
    }

    /// Runs a verb about uploads and stages; false when it is none.
    private static func runOnReleases(_ verb: String, _ rest: [String]) throws -> Bool {
        let folder = rest[0]
        let words = rest.dropFirst().map { $0 }
        func upload() throws -> DrivenUpload {
            try DrivenUpload(folder: folder, kind: words.first.flatMap(DrivenUpload.Kind.init) ?? .whole)
        }
        func acknowledged(_ place: Int) -> Int { words.count > place ? Int(words[place]) ?? 0 : 0 }
        switch verb {
        case "upload-setup": try upload().setUp()
        case "upload": try upload().upload()
        case "upload-check": try upload().check(acknowledged: acknowledged(1), wasKilled: words.last == "killed")
        case "stage-setup" where words.count == 2:
            try DrivenStage(folder: folder, hasTarget: false).setUp(artifact: words[0], signature: words[1])
        case "stage": try DrivenStage(folder: folder).stage()
        case "stage-check": try DrivenStage(folder: folder).check(acknowledged: acknowledged(0))
        case "look-releases": try DrivenReleases.look(folder)
        case "launch-child" where words.count == 2:
            try ChildFaults.launch(folder: folder, launcher: words[0], descriptor: words[1])
        default: return false
        }
        return true
    }

    /// Runs a verb about packs, `packs-VERB DIR KIND [FIRST] [LAST]`; false when it is none.
    private static func runOnPacks(_ verb: String, _ rest: [String]) throws -> Bool {
        guard verb.hasPrefix("packs-"), rest.count > 1 else { return false }
        let packs = DrivenPacks(
            folder: rest[0], isInPlace: rest[1] != "schema", isBad: rest[1] == "bad", isKept: rest[1] == "kept")
        let first = rest.count > 2 ? Int(rest[2]) ?? 0 : 0
        let last = rest.count > 3 ? Int(rest[3]) ?? first : first
        switch verb {
        case "packs-setup": try packs.setUp(last: first)
        case "packs-install": try packs.install(version: first)
        case "packs-unhealthy": try packs.install(version: first, isHealthy: false)
        case "packs-rollback": try packs.rollback()
        case "packs-recover": try packs.recover()
        case "packs-look": _ = try packs.look(from: first, to: last)
        case "packs-check": try packs.check(from: first, to: last)
        case "packs-restored-setup":
            try packs.setUp(last: first)
            try packs.restoreData()
        case "packs-restore-data": try packs.restoreData()
        case "packs-take-back-data": try packs.takeBackData()
        case "packs-check-data": try packs.checkData(from: first, to: last)
        default: return false
        }
        return true
    }

    private static func end(_ status: Int32, _ text: String) -> Never {
        Standard.writeError(text + "\n")
        exit(status)
    }
}

/// A state that an interruption must never leave.
struct BadState: Error, CustomStringConvertible {
    let description: String
}

/// Says that the act with this number is acknowledged: it must survive whatever happens next.
func acknowledge(_ number: Int) throws { try Standard.write("ack \(number)\n") }
