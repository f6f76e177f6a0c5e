/// Everything that is made from the program's tables, as files: for installation and for the documentation.
struct ReferenceFiles {
    let table: CommandTable
    /// What the hub's modules add below `reference/`.
    let pages: [(name: String, text: String)]

    /// Writes `man/`, `completions/` and `reference/` into `folder`.
    func write(into folder: String) throws {
        for (name, text) in files {
            let path = folder + "/" + name
            try FolderMaker.make(LocalFile.folder(path), mode: 0o755)
            try LocalFile.write(path, Array(text.utf8))
        }
    }

    /// The files by their path below the folder.
    var files: [(name: String, text: String)] {
        ManualPage(table: table).pages.map { ("man/" + $0.file, $0.text) } + [
            ("completions/aurora.bash", BashCompletion(table: table).script),
            ("completions/_aurora", ZshCompletion(table: table).script),
            ("completions/aurora.fish", FishCompletion(table: table).script),
            ("reference/cli.md", ReferencePage(table: table).commands),
            ("reference/exit-codes.md", ReferencePage(table: table).exitCodes),
        ] + pages.map { ("reference/" + $0.name, $0.text) }
    }
}
