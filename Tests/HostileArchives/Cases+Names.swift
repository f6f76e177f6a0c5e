extension HostileArchives {
    /// Names that must not reach a file system.
    static let names: [ArchiveCase] = [
        ArchiveCase("an absolute name", "absolute-name") { $0.file("/etc/passwd", "x") },
        ArchiveCase("an absolute name in the ustar prefix", "absolute-name") {
            $0.file("cron") { $0.prefix = Array("/etc".utf8) }
        },
        ArchiveCase("an absolute name in a pax record", "absolute-name") {
            $0.pax([("path", "/tmp/pwned")])
            $0.file("harmless", "x")
        },
        ArchiveCase("an absolute name in a GNU long name", "absolute-name") {
            $0.record("L", Array("/tmp/pwned\u{0}".utf8))
            $0.file("harmless", "x") { $0.magic = "ustar  \u{0}" }
        },
        ArchiveCase("a name that climbs out", "parent-component") { $0.file("../outside", "x") },
        ArchiveCase("a name that climbs out further down", "parent-component") { $0.file("a/../../outside", "x") },
        ArchiveCase("a name that climbs and stays inside", "parent-component") { $0.file("a/../b", "x") },
        ArchiveCase("a name that is the parent itself", "parent-component") { $0.directory("..") },
        ArchiveCase("a name that climbs with backslashes", "parent-component") { $0.file("..\\outside", "x") },
        ArchiveCase("a name with a drive letter", "absolute-name") { $0.file("C:\\windows\\x", "x") },
        ArchiveCase("a name that starts with a backslash", "absolute-name") { $0.file("\\\\host\\share", "x") },
        ArchiveCase("an empty name", "empty-name") { $0.file("", "x") },
        ArchiveCase("an empty pax path", "empty-name") {
            $0.pax([("path", "")])
            $0.file("harmless", "x")
        },
        ArchiveCase("a file that is the tree itself", "empty-name") { $0.file(".", "x") },
        ArchiveCase("a file whose name ends with a slash", "name-syntax") { $0.file("file/", "x") },
        ArchiveCase("a line feed in a name", "control-character") { $0.file("a\nb", "x") },
        ArchiveCase("an escape sequence in a name", "control-character") { $0.file("\u{1b}[2J", "x") },
        ArchiveCase("a delete character in a name", "control-character") { $0.file("a\u{7f}b", "x") },
        ArchiveCase("a C1 control character in a name", "control-character") { $0.file("a\u{85}b", "x") },
        ArchiveCase("a direction override in a name", "control-character") { $0.file("gpj\u{202e}exe.sh", "x") },
        ArchiveCase("a zero-width space in a name", "control-character") { $0.file("a\u{200b}b", "x") },
        ArchiveCase("a NUL in a pax path", "control-character") {
            $0.record("x", TarBuilder.paxRecord("path", Array("safe\u{0}/../../x".utf8)))
            $0.file("harmless", "x")
        },
        ArchiveCase("a NUL in a GNU long name", "control-character") {
            $0.record("L", Array("safe\u{0}evil\u{0}".utf8))
            $0.file("harmless", "x") { $0.magic = "ustar  \u{0}" }
        },
        ArchiveCase("invalid UTF-8 in a name", "invalid-utf8") { $0.file("x") { $0.name = [0x61, 0xff, 0x62] } },
        ArchiveCase("an overlong UTF-8 slash in a name", "invalid-utf8") {
            $0.file("x") { $0.name = Array("..".utf8) + [0xc0, 0xaf] + Array("x".utf8) }
        },
        ArchiveCase("invalid UTF-8 in a pax path", "invalid-utf8") {
            $0.record("x", TarBuilder.paxRecord("path", [0x61, 0xed, 0xa0, 0x80]))
            $0.file("harmless", "x")
        },
        ArchiveCase("a component of 256 bytes", "name-too-long") {
            $0.pax([("path", String(repeating: "n", count: 256))])
            $0.file("short", "x")
        },
        ArchiveCase("a path of 5,000 bytes", "name-too-long") {
            $0.pax([("path", String(repeating: "dir/", count: 1250) + "x")])
            $0.file("short", "x")
        },
        ArchiveCase("65 levels", "too-deep") {
            $0.pax([("path", String(repeating: "d/", count: 64) + "x")])
            $0.file("short", "x")
        },
    ]

    /// Names that meet another name.
    static let collisions: [ArchiveCase] = [
        ArchiveCase("the same file twice", "duplicate-name") {
            $0.file("config", "good")
            $0.file("config", "evil")
        },
        ArchiveCase("the same file twice, once with ./", "duplicate-name") {
            $0.file("config", "good")
            $0.file("./config", "evil")
        },
        ArchiveCase("the same file twice, once with a doubled slash", "duplicate-name") {
            $0.file("a/config", "good")
            $0.file("a//config", "evil")
        },
        ArchiveCase("the same directory twice", "duplicate-name") {
            $0.directory("lib/")
            $0.directory("lib/")
        },
        ArchiveCase("the tree itself twice", "duplicate-name") {
            $0.directory("./")
            $0.directory(".")
            $0.file("x")
        },
        ArchiveCase("a directory in place of a file", "duplicate-name") {
            $0.file("x", "1")
            $0.directory("x/")
        },
        ArchiveCase("a file in place of a directory that a name implied", "duplicate-name") {
            $0.file("x/y", "1")
            $0.file("x", "2")
        },
        ArchiveCase("a file in place of a link", "duplicate-name") {
            $0.symlink("x", to: "y")
            $0.file("x", "1")
        },
        ArchiveCase("names that differ in case", "case-or-normalisation-equal-name") {
            $0.file("Makefile", "1")
            $0.file("makefile", "2")
        },
        ArchiveCase("directories that differ in case", "case-or-normalisation-equal-name") {
            $0.file("Lib/a", "1")
            $0.file("lib/b", "2")
        },
        ArchiveCase("names that differ in normalisation", "case-or-normalisation-equal-name") {
            $0.file("caf\u{e9}", "1")
            $0.file("cafe\u{301}", "2")
        },
        ArchiveCase("names that differ in case after folding", "case-or-normalisation-equal-name") {
            $0.file("stra\u{df}e", "1")
            $0.file("STRASSE", "2")
        },
        ArchiveCase("a Kelvin sign and a k", "case-or-normalisation-equal-name") {
            $0.file("\u{212a}ey", "1")
            $0.file("key", "2")
        },
        ArchiveCase("names that differ in an invisible character", "case-or-normalisation-equal-name") {
            $0.file("run\u{200d}", "1")
            $0.file("run", "2")
        },
        ArchiveCase("a file below a file", "parent-not-directory") {
            $0.file("a", "1")
            $0.file("a/b", "2")
        },
    ]
}
