/// The name of a target in `aurora.yaml`.
package typealias TargetName = Identifier<TargetNameKind>
/// The name of a local account; one person has one.
package typealias UserName = Identifier<UserNameKind>
/// The name of a release, such as `gateway-firmware`.
package typealias ReleaseName = Identifier<ReleaseNameKind>
/// The id of a pack, such as `pack03_os_base`; on a device at most one pack has it.
package typealias PackID = Identifier<PackIDKind>
/// The first 16 hexadecimal digits of the SHA-256 of an operator's public key.
package typealias KeyID = Identifier<KeyIDKind>
package typealias SuggestionID = Identifier<SuggestionIDKind>
package typealias ChangeID = Identifier<ChangeIDKind>
package typealias ReleaseID = Identifier<ReleaseIDKind>
package typealias TokenID = Identifier<TokenIDKind>
package typealias UploadID = Identifier<UploadIDKind>

/// The common rule of names people choose.
private enum NameRule {
    static let text = "1 to 64 of a-z 0-9 . _ -, starting with a letter or digit"

    static func holds(_ name: String, alsoAllowing extra: String = "") -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 64, isAlphanumeric(first) else { return false }
        let others = Array("._-\(extra)".utf8)
        return name.utf8.allSatisfy { isAlphanumeric($0) || others.contains($0) }
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// The rules of target names.
package enum TargetNameKind: IdentifierKind {
    package static let noun = "target name"
    package static let rule = NameRule.text
    package static func isValid(_ text: String) -> Bool { NameRule.holds(text) }
}

/// The rules of account names.
package enum UserNameKind: IdentifierKind {
    package static let noun = "user name"
    package static let rule = "1 to 64 of a-z 0-9 . _ - @, starting with a letter or digit"
    package static func isValid(_ text: String) -> Bool { NameRule.holds(text, alsoAllowing: "@") }
}

/// The rules of release names.
package enum ReleaseNameKind: IdentifierKind {
    package static let noun = "release name"
    package static let rule = NameRule.text
    package static func isValid(_ text: String) -> Bool { NameRule.holds(text) }
}

/// The rules of pack ids.
package enum PackIDKind: IdentifierKind {
    package static let noun = "pack id"
    package static let rule = NameRule.text
    package static func isValid(_ text: String) -> Bool { NameRule.holds(text) }
}

/// The rules of key ids.
package enum KeyIDKind: IdentifierKind {
    package static let noun = "key id"
    package static let rule = "16 lower-case hexadecimal digits"
    package static func isValid(_ text: String) -> Bool {
        text.utf8.count == 16 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    }
}

/// The rules of suggestion ids.
package enum SuggestionIDKind: GeneratedIdentifierKind {
    package static let noun = "suggestion id"
    package static let prefix = "sg"
}

/// The rules of change ids.
package enum ChangeIDKind: GeneratedIdentifierKind {
    package static let noun = "change id"
    package static let prefix = "ch"
}

/// The rules of release ids.
package enum ReleaseIDKind: GeneratedIdentifierKind {
    package static let noun = "release id"
    package static let prefix = "re"
}

/// The rules of token ids.
package enum TokenIDKind: GeneratedIdentifierKind {
    package static let noun = "token id"
    package static let prefix = "tk"
}

/// The rules of upload ids.
package enum UploadIDKind: GeneratedIdentifierKind {
    package static let noun = "upload id"
    package static let prefix = "up"
}
