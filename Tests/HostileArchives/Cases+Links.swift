extension HostileArchives {
    /// Links that lead, or let a later entry lead, somewhere else.
    static let links: [ArchiveCase] = [
        ArchiveCase("a symbolic link to an absolute path", "link-leaves-tree") { $0.symlink("l", to: "/etc/passwd") },
        ArchiveCase("a symbolic link that climbs out", "link-leaves-tree") { $0.symlink("l", to: "../outside") },
        ArchiveCase("a symbolic link that climbs out from below", "link-leaves-tree") {
            $0.directory("a/")
            $0.symlink("a/l", to: "../../outside")
        },
        ArchiveCase("a symbolic link out, then a write through it", "link-leaves-tree") {
            $0.symlink("l", to: "/tmp")
            $0.file("l/pwned", "x")
        },
        ArchiveCase("a long symbolic link out in a GNU record", "link-leaves-tree") {
            $0.record("K", Array((String(repeating: "../", count: 60) + "etc\u{0}").utf8))
            $0.symlink("l", to: "short")
        },
        ArchiveCase("a symbolic link out in a pax record", "link-leaves-tree") {
            $0.pax([("linkpath", "/etc")])
            $0.symlink("l", to: "short")
        },
        ArchiveCase("a symbolic link that climbs through another one", "link-climbs-after-name") {
            $0.symlink("s", to: ".")
            $0.symlink("l", to: "s/s/s/../../..")
        },
        ArchiveCase("a symbolic link with '..' after a name", "link-climbs-after-name") {
            $0.symlink("l", to: "a/../b")
        },
        ArchiveCase("a symbolic link without a target", "empty-name") { $0.symlink("l", to: "") },
        ArchiveCase("a control character in a link's target", "control-character") { $0.symlink("l", to: "a\nb") },
        ArchiveCase("a file below a symbolic link inside the tree", "through-link") {
            $0.directory("real/")
            $0.symlink("l", to: "real")
            $0.file("l/x", "x")
        },
        ArchiveCase("a directory below a symbolic link", "through-link") {
            $0.symlink("l", to: "real")
            $0.directory("l/d/")
        },
        ArchiveCase("a hard link to an absolute path", "hard-link-target") { $0.hardLink("h", to: "/etc/passwd") },
        ArchiveCase("a hard link that climbs out", "hard-link-target") { $0.hardLink("h", to: "../outside") },
        ArchiveCase("a hard link to a later file", "hard-link-target") {
            $0.hardLink("h", to: "later")
            $0.file("later", "x")
        },
        ArchiveCase("a hard link to nothing", "hard-link-target") { $0.hardLink("h", to: "missing") },
        ArchiveCase("a hard link to itself", "hard-link-target") { $0.hardLink("h", to: "h") },
        ArchiveCase("a hard link to a directory", "hard-link-target") {
            $0.directory("d/")
            $0.hardLink("h", to: "d")
        },
        ArchiveCase("a hard link to a symbolic link", "hard-link-target") {
            $0.file("f", "x")
            $0.symlink("s", to: "f")
            $0.hardLink("h", to: "s")
        },
        ArchiveCase("a hard link through a symbolic link", "hard-link-target") {
            $0.file("d/f", "x")
            $0.symlink("s", to: "d")
            $0.hardLink("h", to: "s/f")
        },
    ]

    /// Kinds of entry and rights that have no place in a release.
    static let kinds: [ArchiveCase] = [
        ArchiveCase("a character device", "device") { $0.header(.init("null", type: "3")) },
        ArchiveCase("a block device", "device") { $0.header(.init("sda", type: "4")) },
        ArchiveCase("a named pipe", "fifo") { $0.header(.init("pipe", type: "6")) },
        ArchiveCase("a contiguous file", "entry-type") { $0.header(.init("c", type: "7")) },
        ArchiveCase("a volume label", "entry-type") { $0.header(.init("label", type: "V")) },
        ArchiveCase("a continuation of another volume", "entry-type") { $0.header(.init("part", type: "M")) },
        ArchiveCase("a GNU directory dump", "entry-type") { $0.header(.init("dump", type: "D")) },
        ArchiveCase("an unknown kind", "entry-type") { $0.header(.init("what", type: "Z")) },
        ArchiveCase("a Sun extended header", "entry-type") { $0.header(.init("x", type: "X")) },
        ArchiveCase("a Solaris access control list", "access-control-list") { $0.header(.init("acl", type: "A")) },
        ArchiveCase("a set-user-id file", "set-id") { $0.file("su", "x", mode: 0o4755) },
        ArchiveCase("a set-group-id file", "set-id") { $0.file("sg", "x", mode: 0o2755) },
        ArchiveCase("a set-group-id directory", "set-id") { $0.directory("d/", mode: 0o2775) },
        ArchiveCase("a sticky directory", "set-id") { $0.directory("tmp/", mode: 0o1777) },
        ArchiveCase("a GNU sparse file", "sparse") { $0.header(.init("hole", type: "S")) },
    ]
}
