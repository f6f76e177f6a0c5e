/// Options that several commands take, with one meaning everywhere.
extension CommandOption {
    static let reason = CommandOption.value("reason", "TEXT", "why; goes into the audit log")
    static let confirm = CommandOption.value("confirm", "NAME", "confirm a severe act by the exact name it is about")
    static let noWait = CommandOption.flag("no-wait", "print the change and end, instead of following it")
    static let wait = CommandOption.flag("wait", "follow the change to its end; the default")
    static let passphraseFile = CommandOption.value(
        "passphrase-file", "FILE", hint: .file, "read the operator key's passphrase from FILE")
    static let key = CommandOption.value(
        "key", "FILE", hint: .file, "your operator key [the one of aurora key generate]")
    static let state = CommandOption.value(
        "state", "DIR", hint: .directory, "the hub's state folder [$AURORA_STATE, else /var/lib/aurora for root]")
    static let limit = CommandOption.value("limit", "N", "show no more than N [50]")
}
