/// An entry that passed every rule, in the form in which it is made.
struct AdmittedEntry {
    enum Content {
        case file(size: UInt64, executable: Bool)
        case directory
        case symlink(target: String)
        case hardLink(target: [String])
    }

    /// The entry as the structural checker saw it, for comparison with libarchive's view.
    let raw: RawEntry
    /// The components of the name; none means the tree itself.
    let path: [String]
    let content: Content

    /// The name for messages.
    var label: String { EntryLabel.text(raw.name) }
}
