import AuroraModel
import AuroraSystem
import Glibc

/// The one step that makes another generation the active one, and the look at which one it is.
///
/// A switch is one `rename(2)` or `renameat2(2)` on the target's path, whatever the size of the trees, and is durable
/// when it returns. Everything else here is bookkeeping beside it that any later run can repeat.
struct Switcher {
    let layout: TargetLayout
    let kind: TargetKind

    /// What lies at the target's path.
    enum Location: Hashable {
        case generation(Int)
        case nothing
        /// Something Aurora did not put there, in words.
        case foreign(String)
    }

    /// Looks at the path; for directories by inode, never by a file in the tree.
    func locate(_ state: TargetState) throws -> Location {
        guard let status = try FileStatus.ifExists(layout.path) else {
            return state.generations.first { $0.isEmpty }.map { .generation($0.number) } ?? .nothing
        }
        switch (kind, status.kind) {
        case (.link, .symlink):
            let text = try FileTree.readLink(layout.path)
            guard let number = layout.generation(ofLink: text), state.generation(number) != nil else {
                return .foreign("a symbolic link to \(text)")
            }
            return .generation(number)
        case (.directory, .directory):
            let identity = try TreeIdentity(ofDirectory: layout.path)
            guard let found = state.generations.first(where: { $0.identity != nil && $0.identity == identity }) else {
                return .foreign("a folder (inode \(status.inode)) that Aurora did not put there")
            }
            return .generation(found.number)
        case (_, .symlink): return .foreign("a symbolic link")
        case (_, .directory): return .foreign("a real folder")
        case (_, .regular): return .foreign("a file")
        case (_, .other): return .foreign("a device, pipe or socket")
        }
    }

    /// Makes `new` the active one instead of `old`.
    ///
    /// Durable when it returns; on an error either of the two is active.
    func perform(from old: Generation, to new: Generation) throws {
        switch kind {
        case .link: try switchLink(from: old, to: new)
        case .directory: try switchDirectory(from: old, to: new)
        }
    }

    /// Takes a switch from `old` to `new` back that ``perform(from:to:)`` has just made, wholly or in part.
    ///
    /// Needs no new name and no new block, so that it also works on a full disk: what was exchanged is exchanged again.
    func revert(from old: Generation, to new: Generation, _ state: TargetState) throws {
        guard try locate(state) == .generation(new.number), old.number != new.number else { return }
        if kind == .directory, !old.isEmpty, !new.isEmpty,
            try TreeIdentity(ofDirectory: layout.tree(old.number)) == old.identity
        {
            return try AtomicRename.exchange(layout.tree(old.number), layout.path)
        }
        try perform(from: new, to: old)
    }

    /// The link of the old generation stays behind in `next`, ready for the way back.
    private func switchLink(from old: Generation, to new: Generation) throws {
        if new.isEmpty { return try DurableFile.rename(layout.path, to: layout.next) }
        try makeNext(layout.linkText(new.number))
        if old.isEmpty { return try AtomicRename.noReplace(layout.next, layout.path) }
        do throws(SystemError) {
            try AtomicRename.exchange(layout.next, layout.path)
        } catch {
            // A file system without RENAME_EXCHANGE: a plain rename is as atomic, it only leaves nothing ready.
            guard error.operation == "renameat2", error.errno == EINVAL else { throw error }
            try DurableFile.rename(layout.next, to: layout.path)
        }
    }

    private func makeNext(_ text: String) throws {
        if try FileStatus.ifExists(layout.next)?.kind == .symlink, try FileTree.readLink(layout.next) == text { return }
        // One sync for both: that the old name is gone needs no flush of its own.
        try FileTree.remove(layout.next)
        try DurableFile.symlink(text, at: layout.next)
    }

    /// The new tree is first parked where the old one will lie; then one exchange puts both in their final places.
    private func switchDirectory(from old: Generation, to new: Generation) throws {
        if new.isEmpty {
            try AtomicRename.noReplace(layout.path, layout.tree(old.number))
        } else if old.isEmpty {
            try AtomicRename.noReplace(layout.tree(new.number), layout.path)
        } else {
            let slot = layout.tree(old.number)
            if try TreeIdentity(ofDirectory: slot) != new.identity {
                try AtomicRename.noReplace(layout.tree(new.number), slot)
            }
            try AtomicRename.exchange(slot, layout.path)
        }
    }

    /// Brings a tree that was parked in the place of the active one back to its own; nothing to do is the usual case.
    func settle(active number: Int, _ state: TargetState) throws {
        guard kind == .directory, let parked = try TreeIdentity(ofDirectory: layout.tree(number)),
            let owner = state.generations.first(where: { $0.identity == parked }), owner.number != number
        else { return }
        try AtomicRename.noReplace(layout.tree(number), layout.tree(owner.number))
    }

    /// Whether the tree of a generation that is not active lies where a switch will look for it.
    ///
    /// Constant cost.
    func isInPlace(_ generation: Generation) throws -> Bool {
        if generation.isEmpty { return true }
        let tree = layout.tree(generation.number)
        switch kind {
        case .directory: return try generation.identity != nil && TreeIdentity(ofDirectory: tree) == generation.identity
        case .link where generation.adopted == .link: return try FileStatus.ifExists(tree) != nil
        case .link: return try FileStatus.ifExists(tree + "/.")?.kind == .directory
        }
    }
}
