import AuroraModel
import Testing

/// The corpus of semver.org and the order of its §11.
@Suite("Semantic versions")
struct SemanticVersionTests {
    @Test(
        "valid versions are read and written back",
        arguments: [
            "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid", "1.0.0-alpha",
            "1.0.0-beta", "1.0.0-alpha.beta", "1.0.0-alpha.beta.1", "1.0.0-alpha.1", "1.0.0-alpha0.valid",
            "1.0.0-alpha.0valid", "1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay", "1.0.0-rc.1+build.1",
            "2.0.0-rc.1+build.123", "1.2.3-beta", "10.2.3-DEV-SNAPSHOT", "1.2.3-SNAPSHOT-123", "1.0.0", "2.0.0",
            "1.1.7", "2.0.0+build.1848", "2.0.1-alpha.1227", "1.0.0-alpha+beta", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788",
            "1.2.3----R-S.12.9.1--.12+meta", "1.2.3----RC-SNAPSHOT.12.9.1--.12", "1.0.0+0.build.1-rc.10000aaa-kk-0.1",
            "99999999999999999999999.999999999999999999.99999999999999999", "1.0.0-0A.is.legal",
        ])
    func valid(_ text: String) throws {
        let version = try #require(SemanticVersion(text))
        #expect("\(version)" == text)
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", "1", "1.2", "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid", "-invalid", "-invalid+invalid",
            "-invalid.01", "alpha", "alpha.beta", "alpha.beta.1", "alpha.1", "alpha+beta", "alpha_beta", "alpha.",
            "alpha..", "beta", "1.0.0-alpha_beta", "-alpha.", "1.0.0-alpha..", "1.0.0-alpha..1", "1.0.0-alpha...1",
            "1.0.0-alpha....1", "1.0.0-alpha.....1", "1.0.0-alpha......1", "1.0.0-alpha.......1",
            "99999999999999999999999.999999999999999999.99999999999999999----RC-SNAPSHOT.12.09.1--------..12",
            "01.1.1", "1.01.1", "1.1.01", "1.2.3.DEV", "1.2-SNAPSHOT", "1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788",
            "1.2-RC-SNAPSHOT", "-1.0.3-gamma+b7718", "+justmeta", "9.8.7+meta+meta", "9.8.7-whatever+meta+meta",
            "v1.2.3", " 1.2.3", "1.2.3 ", "1.2.3-", "1.2.3+", "1.2.3-é", "１.2.3", "1.2.3\n", "1.-2.3", "1.2.3-\0",
        ])
    func invalid(_ text: String) {
        #expect(SemanticVersion(text) == nil)
    }

    @Test("the order of the specification holds for every pair")
    func order() throws {
        let ordered = try [
            "0.0.0-0", "0.0.0-a", "0.0.0", "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
            "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.10", "1.2.0", "1.10.0", "2.0.0", "10.0.0",
            "99999999999999999999999.0.0", "100000000000000000000000.0.0",
        ].map { try #require(SemanticVersion($0)) }
        for (left, a) in ordered.enumerated() {
            for (right, b) in ordered.enumerated() {
                #expect((a < b) == (left < right))
                let wanted: SemanticVersion.Precedence = left < right ? .before : left == right ? .same : .after
                #expect(a.precedence(to: b) == wanted)
            }
        }
    }

    @Test("build metadata makes versions unequal but not ordered")
    func build() throws {
        let a = try #require(SemanticVersion("1.0.0+a"))
        let b = try #require(SemanticVersion("1.0.0+b"))
        #expect(a != b)
        #expect(a.precedence(to: b) == .same)
        #expect(!(a < b) && !(b < a))
    }

    @Test("a text of 257 characters is refused, of 256 read")
    func length() {
        #expect(SemanticVersion("1.0." + String(repeating: "1", count: 252)) != nil)
        #expect(SemanticVersion("1.0." + String(repeating: "1", count: 253)) == nil)
    }
}
