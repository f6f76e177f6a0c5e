extension HostileArchives {
    /// Archives that must be accepted: what the tools in use really write, and the edges of the rules.
    package static let controls: [ArchiveCase] = [
        ArchiveCase("a plain tar", nil, bytes: { plain() }),
        ArchiveCase("a tar behind gzip", nil, bytes: { try Compression.gzip(plain()) }),
        ArchiveCase(
            "a tar behind gzip with a name and time", nil,
            bytes: {
                try Compression.run("/usr/bin/gzip", ["-9c"], plain())
            }),
        ArchiveCase("a tar behind zstd", nil, bytes: { try Compression.zstd(plain()) }),
        ArchiveCase(
            "a tar behind zstd without a checksum", nil,
            bytes: {
                try Compression.run("/usr/bin/zstd", ["-qc", "--no-check"], plain())
            }),
        ArchiveCase(
            "a tar behind zstd --ultra -22", nil,
            bytes: {
                try Compression.run("/usr/bin/zstd", ["-qc", "--ultra", "-22"], plain())
            }),
        ArchiveCase("a tar behind xz", nil, bytes: { try Compression.xz(plain()) }),
        ArchiveCase("a tar behind xz -9", nil, bytes: { try Compression.run("/usr/bin/xz", ["-9c"], plain()) }),
        ArchiveCase("names with ./", nil) {
            $0.directory("./")
            $0.file("./a", "1")
            $0.directory("./d/")
            $0.file("./d/./b", "2")
        },
        ArchiveCase("directories that only names imply", nil) {
            $0.file("a/b/c", "1")
            $0.directory("a/")
            $0.file("a/b/d", "2")
        },
        ArchiveCase("a GNU long name", nil) {
            $0.record("L", Array((String(repeating: "long/", count: 40) + "x\u{0}").utf8))
            $0.file("long", "x") { $0.magic = "ustar  \u{0}" }
        },
        ArchiveCase("a GNU long link", nil) {
            $0.record("K", Array((String(repeating: "d/", count: 60) + "x\u{0}").utf8))
            $0.symlink("l", to: "short")
        },
        ArchiveCase("a name in the ustar prefix", nil) {
            $0.file("leaf", "x") { $0.prefix = Array("deep/down".utf8) }
        },
        ArchiveCase("a pax path and pax times", nil) {
            $0.pax([
                ("path", String(repeating: "é/", count: 50) + "x"), ("mtime", "1700000000.123456789"),
                ("atime", "1"), ("ctime", "2"), ("comment", "made by hand"), ("uid", "12345678"), ("uname", "someone"),
            ])
            $0.file("short", "x")
        },
        ArchiveCase("a pax path in NFD", nil) {
            $0.pax([("path", "cafe\u{301}")])
            $0.file("cafe", "x")
        },
        ArchiveCase("a comment for the whole archive, as git archive writes it", nil) {
            $0.pax([("comment", "0589a7a3963f201234567890123456789012345678")], type: "g")
            $0.file("a", "1")
        },
        ArchiveCase("a pax size that agrees", nil) {
            $0.pax([("size", "1")])
            $0.file("f", "x")
        },
        ArchiveCase("links that stay in the tree", nil) {
            $0.file("lib/v1/so", "x")
            $0.symlink("lib/current", to: "v1")
            $0.symlink("lib/v1/up", to: "../../lib/./v1/so")
            $0.symlink("bin", to: "lib/current")
            $0.symlink("dangling", to: "not/here")
            $0.symlink("self", to: "self")
        },
        ArchiveCase("hard links to earlier files", nil) {
            $0.file("a", "content")
            $0.hardLink("b", to: "./a")
            $0.hardLink("d/c", to: "b")
        },
        ArchiveCase("empty files and directories", nil) {
            $0.directory("empty/")
            $0.file("nothing")
        },
        ArchiveCase("an old-style file type", nil) { $0.file("f", "x") { $0.type = "\u{0}" } },
        ArchiveCase("modes that are normalised", nil) {
            $0.file("private", "x", mode: 0o600)
            $0.file("tool", "x", mode: 0o100)
            $0.directory("open/", mode: 0o777)
        },
        ArchiveCase("64 levels", nil) {
            $0.pax([("path", String(repeating: "d/", count: 63) + "x")])
            $0.file("short", "x")
        },
        ArchiveCase("a component of 255 bytes", nil) {
            $0.pax([("path", String(repeating: "n", count: 255))])
            $0.file("short", "x")
        },
        ArchiveCase("a systemd unit with a backslash", nil) { $0.file("dev-disk-by\\x2duuid.swap", "x") },
        ArchiveCase(
            "padding to 10 KiB", nil, bytes: { plain() + [UInt8](repeating: 0, count: 10240 - plain().count % 10240) }),
        ArchiveCase(
            "1 MiB of zeros in 1 KB", nil, bytes: { try Compression.zeros(1 << 20 - 2048, through: "gzip -9") }),
        ArchiveCase("exactly as many bytes as allowed", nil, limits: (1024, 10)) {
            $0.file("f", String(repeating: "x", count: 1024))
        },
        ArchiveCase("GNU tar's own format", nil, bytes: { try gnuTar("gnu") }),
        ArchiveCase("GNU tar's pax format", nil, bytes: { try gnuTar("pax") }),
        ArchiveCase("GNU tar's ustar format", nil, bytes: { try gnuTar("ustar") }),
        ArchiveCase("GNU tar's pax format behind gzip", nil, bytes: { try Compression.gzip(gnuTar("pax")) }),
    ]

    /// The bytes of the control with this name; the plain tar when there is none.
    package static func control(_ name: String) throws -> [UInt8] {
        try controls.first { $0.name == name }?.make() ?? plain()
    }

    /// A tree of real files through GNU tar.
    private static func gnuTar(_ format: String) throws -> [UInt8] {
        let script = """
            set -e; d=$(mktemp -d); trap 'rm -rf "$d"' EXIT; cd "$d"; mkdir -p bin "lib/space here/ünicode"
            echo run >bin/run; chmod 755 bin/run; ln bin/run bin/hard; ln -s ../bin/run lib/soft
            l="lib/space here/ünicode/$(printf 'n%.0s' $(seq 60))"; echo long >"$l"
            tar --format=\(format) --sort=name -cf - .
            """
        return try Compression.run("/bin/bash", ["-c", script])
    }
}
