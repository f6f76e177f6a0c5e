import AuroraAudit
import AuroraModel
import AuroraPacks
import AuroraSystem

/// The acts of the sweep that put data in place of a pack's.
extension DrivenPacks {
    private static func data() throws -> PackID {
        guard let id = PackID("sweep-data") else { throw BadState(description: "bad name") }
        return id
    }

    /// Puts the data of version 1, as they were put aside before generation 2, in place of those of version 2.
    func restoreData() throws {
        try open { installer, _ in
            _ = try installer.restoreData(of: Self.data(), before: 2, reason: "sweep", by: Self.actor)
            try acknowledge(1)
        }
    }

    /// Takes that back.
    func takeBackData() throws {
        try open { installer, _ in
            _ = try installer.takeBackData(of: Self.data(), reason: "sweep", by: Self.actor)
            try acknowledge(2)
        }
    }

    /// After recovery: the whole data of one version between `first` and `last`, which is the one the log tells of;
    /// nothing is left to do, and the other data are still there to change to.
    func checkData(from first: Int, to last: Int) throws {
        let version = try open { installer, _ in
            let version = try state(from: first, to: last)
            let restores = try installer.device.audit.entries(from: 0, limit: 1000).map { try $0.decoded() }.filter {
                $0.outcome == .accepted && $0.action == AuditAct.packDataRestore.rawValue
            }
            guard restores.count % 2 == (version == 1 ? 1 : 0) else {
                throw BadState(description: "data of version \(version) after \(restores.count) entries")
            }
            return version
        }
        try open { installer, recovery in
            guard recovery.isClean, try state(from: first, to: last) == version else {
                throw BadState(description: "a second recovery found something to do")
            }
            let kinds = try installer.data(of: Self.data()).map(\.kind)
            guard kinds == (version == 1 ? [.used, .snapshot, .replaced] : [.used, .snapshot]) else {
                throw BadState(description: "version \(version) with \(kinds)")
            }
        }
        guard try DirectoryNames.read(in: "\(root)/staging").isEmpty else {
            throw BadState(description: "recovery left something in staging")
        }
        if version == 1 { try takeBackData() } else { try restoreData() }
        _ = try state(from: 3 - version, to: 3 - version)
    }

    private func state(from first: Int, to last: Int) throws -> Int {
        let folder = "\(root)/data/sweep-data/1"
        guard try FileStatus.of(folder).mode == 0o700 else { throw BadState(description: "another mode") }
        let found = String(decoding: try DurableFile.read("\(folder)/state"), as: UTF8.self)
        guard let version = (first...last).first(where: { SweepRunner.state($0) == found }) else {
            throw BadState(description: "data of \(found.prefix(20)) (\(found.utf8.count) bytes)")
        }
        return version
    }
}
