import AuroraCrypto
import Testing

struct Ed25519Tests {
    struct Vector: Sendable {
        let seed: String
        let publicKey: String
        let message: String
        let signature: String
    }

    /// TEST 1, 2, 3 and SHA(abc) of RFC 8032 §7.1.
    static let vectors = [
        Vector(
            seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            message: "",
            signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
        Vector(
            seed: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            message: "72",
            signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
        Vector(
            seed: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            message: "af82",
            signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
        Vector(
            seed: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            publicKey: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            message: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            signature: "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"),
    ]

    /// The order of the group, little-endian (RFC 8032 §5.1).
    static let order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"

    @Test("The signatures of RFC 8032 come out and verify", arguments: vectors)
    func knownAnswers(_ vector: Vector) throws {
        let key = try Ed25519PrivateKey(seed: #require(Hex.decode(vector.seed)))
        let message = try #require(Hex.decode(vector.message))
        #expect(Hex.encode(key.publicKey.bytes) == vector.publicKey)
        #expect(Hex.encode(key.sign(message)) == vector.signature)
        #expect(Hex.encode(key.seed) == vector.seed)
        let publicKey = try Ed25519PublicKey(bytes: #require(Hex.decode(vector.publicKey)))
        #expect(publicKey.isValid(signature: key.sign(message), for: message))
        #expect(!publicKey.isValid(signature: key.sign(message), for: message + [0]))
    }

    @Test("A change of any one bit of a signature is refused")
    func everyBit() {
        let key = Ed25519PrivateKey()
        let message = Array("promote gateway".utf8)
        let signature = key.sign(message)
        for bit in 0..<512 {
            var changed = signature
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.publicKey.isValid(signature: changed, for: message), "bit \(bit)")
        }
    }

    @Test("S plus the group order, a second spelling of the same signature, is refused")
    func nonCanonicalScalar() throws {
        let key = Ed25519PrivateKey()
        let message = Array("promote gateway".utf8)
        var signature = key.sign(message)
        let order = try #require(Hex.decode(Self.order))
        var carry = 0
        for index in 0..<32 {
            let sum = Int(signature[32 + index]) + Int(order[index]) + carry
            signature[32 + index] = UInt8(sum & 255)
            carry = sum >> 8
        }
        #expect(carry == 0)
        #expect(!key.publicKey.isValid(signature: signature, for: message))
    }

    @Test("All-zero signatures and signatures of a wrong length are refused")
    func degenerateSignatures() {
        let key = Ed25519PrivateKey()
        for count in [0, 1, 63, 64, 65, 128] {
            #expect(!key.publicKey.isValid(signature: [UInt8](repeating: 0, count: count), for: [1]))
        }
    }

    @Test("A signature whose R is of small order is refused")
    func smallOrderR() {
        let key = Ed25519PrivateKey()
        var signature = key.sign([1])
        signature.replaceSubrange(0..<32, with: [1] + [UInt8](repeating: 0, count: 31))
        #expect(!key.publicKey.isValid(signature: signature, for: [1]))
    }

    @Test(
        "Public keys of small order, off the curve, or not canonical are refused",
        arguments: [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0200000000000000000000000000000000000000000000000000000000000000",
        ])
    func weakKeys(_ text: String) throws {
        let bytes = try #require(Hex.decode(text))
        #expect(throws: CryptoError.weakPublicKey) { try Ed25519PublicKey(bytes: bytes) }
    }

    @Test("Keys and seeds of a wrong length are refused")
    func lengths() {
        #expect(throws: CryptoError.wrongLength(what: "an Ed25519 seed", expected: 32, found: 31)) {
            try Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 31))
        }
        #expect(throws: CryptoError.wrongLength(what: "an Ed25519 public key", expected: 32, found: 0)) {
            try Ed25519PublicKey(bytes: [])
        }
    }

    @Test("Two generated keys differ, and eight threads can sign with one key")
    func threads() async {
        let key = Ed25519PrivateKey()
        #expect(Ed25519PrivateKey().publicKey != key.publicKey)
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    (0..<50).allSatisfy { round in
                        let message = [UInt8(number), UInt8(round)]
                        return key.publicKey.isValid(signature: key.sign(message), for: message)
                    }
                }
            }
            for await valid in group { #expect(valid) }
        }
    }
}
