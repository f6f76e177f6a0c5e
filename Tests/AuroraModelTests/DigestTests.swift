import AuroraModel
import Testing

@Suite("Digests")
struct DigestTests {
    @Test("hex is read back, in either case, and nothing else is")
    func hexRoundTrip() throws {
        let digest = Digest(hashing: Array("abc".utf8))
        #expect(digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(hex: digest.hex) == digest)
        #expect(Digest(hex: digest.hex.uppercased()) == digest)
        #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
        #expect(Digest(hex: String(repeating: "g", count: 64)) == nil)
        #expect(Digest(hex: "../../" + digest.hex.dropLast(6)) == nil)
    }
}
