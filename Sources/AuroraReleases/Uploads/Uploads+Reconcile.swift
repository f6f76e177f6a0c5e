import AuroraDatabase
import AuroraModel
import AuroraSystem
import Glibc

extension Uploads {
    /// Makes disk and rows agree after a crash, then counts what is there.
    func reconcile() throws {
        var stored: Int64 = 0
        for (digest, size) in try blobs.sweep() {
            if try database.read({ try ArtifactStore.artifact(digest, in: $0) }) == nil {
                try blobs.remove(digest)
            } else {
                stored += size
            }
        }
        budget.recount(stored: stored, partial: try reconcileParts())
    }

    /// Drops parts nobody can go on with, and rows without a part; answers the bytes of the rest.
    private func reconcileParts() throws -> [UploadID: UploadBudget.Open] {
        let records = try database.read { try ArtifactStore.openUploads(in: $0) }
        let known = Dictionary(uniqueKeysWithValues: records.map { ($0.id, $0.account) })
        var partial: [UploadID: UploadBudget.Open] = [:]
        for name in try Directories.names(in: directory) {
            let path = "\(directory)/\(name)"
            let id = UploadID(String(name.dropLast(name.hasSuffix(".part") ? 5 : 0)))
            guard let id, let account = known[id], let size = try resumableSize(path) else {
                unlink(path)
                continue
            }
            partial[id] = UploadBudget.Open(account: account, bytes: size)
        }
        for record in records where partial[record.id] == nil {
            try database.write { try ArtifactStore.removeUpload(record.id, in: $0) }
        }
        return partial
    }

    /// The bytes of a part that can be gone on with; nil when it shares them with a stored artifact.
    ///
    /// That is so when a crash came between the two names of a finished upload whose bytes the hub had already.
    private func resumableSize(_ path: String) throws -> Int64? {
        let part = try Descriptor.open(path, [.readOnly, .noFollow])
        let status = try part.stat()
        guard status.links == 1 else { return nil }
        // A crash at the very end leaves it read-only.
        if status.mode & 0o200 == 0 { try part.setMode(0o600) }
        return status.size
    }
}
