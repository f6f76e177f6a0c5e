extension HostileArchives {
    /// Metadata that hides, repeats or contradicts.
    package static let metadata: [ArchiveCase] = [
        ArchiveCase("a pax sparse file", "sparse") {
            $0.pax([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "107374182400")])
            $0.file("hole", "x")
        },
        ArchiveCase("a pax access control list", "access-control-list") {
            $0.pax([("SCHILY.acl.access", "user::rwx,user:0:rwx,group::r-x,mask::rwx,other::r-x")])
            $0.file("f", "x")
        },
        ArchiveCase("an extended attribute", "extended-attribute") {
            $0.pax([("SCHILY.xattr.security.capability", "x")])
            $0.file("f", "x")
        },
        ArchiveCase("an extended attribute of libarchive", "extended-attribute") {
            $0.pax([("LIBARCHIVE.xattr.user.x", "eA==")])
            $0.file("f", "x")
        },
        ArchiveCase("file flags", "extended-attribute") {
            $0.pax([("SCHILY.fflags", "schg")])
            $0.file("f", "x")
        },
        ArchiveCase("a security label", "extended-attribute") {
            $0.pax([("RHT.security.selinux", "system_u:object_r:x")])
            $0.file("f", "x")
        },
        ArchiveCase("a pax key twice", "repeated-metadata") {
            $0.pax([("path", "good"), ("path", "evil")])
            $0.file("f", "x")
        },
        ArchiveCase("a harmless pax key twice", "repeated-metadata") {
            $0.pax([("mtime", "1"), ("mtime", "2")])
            $0.file("f", "x")
        },
        ArchiveCase("two pax headers for one entry", "repeated-metadata") {
            $0.pax([("path", "good")])
            $0.pax([("path", "evil")])
            $0.file("f", "x")
        },
        ArchiveCase("two GNU long names for one entry", "repeated-metadata") {
            $0.record("L", Array("good\u{0}".utf8))
            $0.record("L", Array("evil\u{0}".utf8))
            $0.file("f", "x") { $0.magic = "ustar  \u{0}" }
        },
        ArchiveCase("a GNU long name and a pax path", "repeated-metadata") {
            $0.record("L", Array("good\u{0}".utf8))
            $0.pax([("path", "evil")])
            $0.file("f", "x")
        },
        ArchiveCase("a pax size that differs from the header's", "size-disagrees") {
            $0.pax([("size", "0")])
            $0.file("f", String(repeating: "x", count: 512))
        },
        ArchiveCase("a pax size that swallows the next entry", "size-disagrees") {
            $0.pax([("size", "1024")])
            $0.file("f", "x")
            $0.file("hidden", "y")
        },
        ArchiveCase("a directory with content", "size-disagrees") {
            var header = TarBuilder.Header("d/", type: "5")
            header.size = 512
            header.mode = 0o755
            $0.header(header)
            $0.content([UInt8](repeating: 0x78, count: 512))
        },
        ArchiveCase("a hard link with content", "size-disagrees") {
            $0.file("f", "x")
            var header = TarBuilder.Header("h", type: "1")
            header.link = Array("f".utf8)
            header.size = 3
            $0.header(header)
            $0.content(Array("new".utf8))
        },
        ArchiveCase("a symbolic link with content", "size-disagrees") {
            var header = TarBuilder.Header("s", type: "2")
            header.link = Array("f".utf8)
            header.size = 3
            $0.header(header)
            $0.content(Array("new".utf8))
        },
        ArchiveCase("a pax key nobody knows", "pax-key") {
            $0.pax([("VENDOR.magic", "1")])
            $0.file("f", "x")
        },
        ArchiveCase("names in an unknown character set", "pax-key") {
            $0.pax([("hdrcharset", "BINARY"), ("path", "x")])
            $0.file("f", "x")
        },
        ArchiveCase("a path for the whole archive", "pax-key") {
            $0.pax([("path", "everything")], type: "g")
            $0.file("f", "x")
        },
        ArchiveCase("an attribute for the whole archive", "extended-attribute") {
            $0.pax([("SCHILY.xattr.user.x", "1")], type: "g")
            $0.file("f", "x")
        },
        ArchiveCase("a pax record that is too long", "pax-syntax") {
            $0.record("x", Array("99 path=x\n".utf8))
            $0.file("f", "x")
        },
        ArchiveCase("a pax record with a leading zero", "pax-syntax") {
            $0.record("x", Array("010 path=x\n".utf8))
            $0.file("f", "x")
        },
        ArchiveCase("a pax record without a line feed", "pax-syntax") {
            $0.record("x", Array("10 path=xyz".utf8.prefix(10)))
            $0.file("f", "x")
        },
        ArchiveCase("a pax record without a key", "pax-syntax") {
            $0.record("x", Array("6 =xy\n".utf8))
            $0.file("f", "x")
        },
        ArchiveCase("a pax size that is no number", "pax-syntax") {
            $0.pax([("size", "-1")])
            $0.file("f", "x")
        },
        ArchiveCase("metadata for an entry that does not follow", "dangling-metadata") {
            $0.file("f", "x")
            $0.pax([("path", "ghost")])
        },
        ArchiveCase("a link target for a file", "dangling-metadata") {
            $0.pax([("linkpath", "/etc")])
            $0.file("f", "x")
        },
        ArchiveCase("a metadata record of 2 MiB", "metadata-too-large") {
            $0.pax([("comment", String(repeating: "c", count: 2 << 20))])
            $0.file("f", "x")
        },
    ]
}
