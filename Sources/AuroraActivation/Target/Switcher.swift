import AuroraModel
import AuroraSystem

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

    private func switchLink(from old: Generation, to new: Generation) throws {
        try DurableFile.remove(layout.next)
        if new.isEmpty {
            try DurableFile.rename(layout.path, to: layout.next)
            try DurableFile.remove(layout.next)
            return
        }
        try DurableFile.symlink(layout.linkText(new.number), at: layout.next)
        if old.isEmpty {
            try AtomicRename.noReplace(layout.next, layout.path)
        } else {
            try DurableFile.rename(layout.next, to: layout.path)
        }
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

    /// Repeats or undoes the bookkeeping of an interrupted switch; `active` is what ``locate(_:)`` found at the path.
    func settle(active: Generation, other: Generation) throws {
        try DurableFile.remove(layout.next)
        guard kind == .directory, other.identity != nil, other.number != active.number else { return }
        let (home, parked) = (layout.tree(other.number), layout.tree(active.number))
        if try TreeIdentity(ofDirectory: parked) == other.identity { try AtomicRename.noReplace(parked, home) }
        try DurableFile.syncDirectory(layout.parent)
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
