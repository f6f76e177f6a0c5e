/// The form in which two names count as equal although their bytes differ.
///
/// Folding = drop characters that are ignored when shown (Default_Ignorable_Code_Point), then map to lower, upper and
/// again lower case with Unicode's full mappings (so `ß`, `ẞ` and `ss` meet, as do `K` and the Kelvin sign). Folded
/// names are compared as the standard library compares strings, by canonical equivalence, so NFC and NFD meet as well.
/// It is at least as wide as Unicode's case folding: when in doubt two names are equal.
package enum NameFolding {
    /// The folded form of one component; equal results mean the names must not stand beside each other.
    package static func fold(_ component: String) -> String {
        if component.utf8.allSatisfy({ $0 < 0x80 }) { return component.lowercased() }
        var visible = String.UnicodeScalarView()
        for scalar in component.unicodeScalars where !scalar.properties.isDefaultIgnorableCodePoint {
            visible.append(scalar)
        }
        return String(visible).lowercased().uppercased().lowercased()
    }
}
