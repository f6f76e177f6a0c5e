package import AuroraModel
package import AuroraRuntime

/// The files of an active pack as one tree to look into: `/data` and `/logs`, which it writes, `/code`, and below `/packs` what
/// its dependencies export to it.
///
/// The pack decides what lies in two of these folders and may change it while somebody looks. The kernel keeps every access
/// inside them: a link that leads out is refused, whoever looks and with whatever rights.
package struct PackFiles: Sendable {
    package let id: PackID
    package let version: SemanticVersion
    /// Read-only.
    package let tree: VirtualFileSystem

    /// Opens the files of a pack, without the device's lock.
    ///
    /// - Throws: `Refusal` with code `pack_not_active`; `SystemError` for a folder that this user may not open.
    package init(_ id: PackID, at places: DevicePlaces) throws {
        let set = try SetTrees.active(at: places)
        guard let member = set[id] else {
            throw Refusal(
                .notFound, code: "pack_not_active", "\(id) is not active here.", subject: id.text,
                rule: "the files of an active pack are shown", remedy: "see which are: aurora pack list")
        }
        func code(_ member: PackSet.Member) -> String { "\(places.root)/store/\(member.tree.hex)" }
        var mounts = [
            VirtualFileSystem.Mount(try VirtualPath("code"), .host(code(member))),
            VirtualFileSystem.Mount(try VirtualPath("data"), .host(places.data(of: id, schema: member.schema))),
            VirtualFileSystem.Mount(try VirtualPath("logs"), .host(places.logs(of: id))),
        ]
        for needed in member.requires.compactMap({ set[$0] }) {
            mounts.append(VirtualFileSystem.Mount(try VirtualPath("packs/\(needed.id)"), .export(code(needed))))
        }
        self.id = id
        version = member.version
        tree = try VirtualFileSystem(mounts: mounts)
    }
}
