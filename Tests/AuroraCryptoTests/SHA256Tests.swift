import AuroraCrypto
import Foundation
import Testing

struct SHA256Tests {
    struct Answer: Sendable, CustomTestStringConvertible {
        let message: String
        let digest: String

        /// One of the messages has a million letters.
        var testDescription: String { "\(message.utf8.count) bytes → \(digest.prefix(8))…" }
    }

    /// NIST's example values for FIPS 180-4.
    static let answers = [
        Answer(message: "", digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        Answer(message: "abc", digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Answer(
            message: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            digest: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        Answer(
            message: String(repeating: "a", count: 1_000_000),
            digest: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test("The digests of FIPS 180-4 come out", arguments: answers)
    func knownAnswers(_ answer: Answer) {
        #expect(Hex.encode(SHA256.hash(Array(answer.message.utf8))) == answer.digest)
    }

    @Test("Pieces of any size give the digest of the whole", arguments: [1, 3, 64, 4_097])
    func pieces(_ size: Int) {
        let message = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hash = SHA256()
        for start in stride(from: 0, to: message.count, by: size) {
            hash.update(message[start..<min(start + size, message.count)])
        }
        let digest = hash.finalize()
        #expect(digest == SHA256.hash(message))
    }

    @Test("A copy continues on its own, and finalize starts a new digest")
    func copies() {
        var first = SHA256()
        first.update(Array("a".utf8))
        var second = first
        second.update(Array("bc".utf8))
        let long = second.finalize()
        let short = first.finalize()
        let empty = first.finalize()
        #expect(Hex.encode(long) == Self.answers[1].digest)
        #expect(short == SHA256.hash(Array("a".utf8)))
        #expect(Hex.encode(empty) == Self.answers[0].digest)
    }

    @Test("A file is hashed from its start whatever its position, and the position stays")
    func files() throws {
        let file = tmpfile()
        defer { fclose(file) }
        let descriptor = fileno(file)
        let content = [UInt8](repeating: 7, count: 200_000)
        #expect(write(descriptor, content, content.count) == content.count)
        let (digest, count) = try SHA256.hashFile(descriptor: descriptor)
        #expect(digest == SHA256.hash(content))
        #expect(count == 200_000)
        #expect(lseek(descriptor, 0, SEEK_CUR) == 200_000)
    }

    @Test("A descriptor that cannot be read is an error with its errno")
    func unreadableFile() {
        #expect(throws: CryptoError.read(errno: EBADF)) { try SHA256.hashFile(descriptor: -1) }
    }
}

struct HMACSHA256Tests {
    struct Answer: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        let code: String
    }

    /// Test cases 1, 2 and 6 of RFC 4231.
    static let answers = [
        Answer(
            key: [UInt8](repeating: 0x0b, count: 20), message: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Answer(
            key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Answer(
            key: [UInt8](repeating: 0xaa, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    ]

    @Test("The codes of RFC 4231 come out", arguments: answers)
    func knownAnswers(_ answer: Answer) {
        let code = HMACSHA256.code(for: answer.message, key: answer.key)
        #expect(Hex.encode(code) == answer.code)
        #expect(HMACSHA256.isValid(code, for: answer.message, key: answer.key))
        #expect(!HMACSHA256.isValid(code, for: answer.message + [0], key: answer.key))
    }

    @Test("An empty key gives its own code, not that of the key before")
    func emptyKey() {
        let expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        _ = HMACSHA256.code(for: [1], key: [9, 9])
        #expect(Hex.encode(HMACSHA256.code(for: [], key: [])) == expected)
    }
}
