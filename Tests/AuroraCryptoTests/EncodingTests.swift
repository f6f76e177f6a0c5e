import AuroraCrypto
import Testing

struct EncodingTests {
    @Test(
        "The texts of RFC 4648 §10 come out and are read back",
        arguments: zip(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"],
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]))
    func base64(_ plain: String, _ text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(Base64.decode(text) == Array(plain.utf8))
        let short = String(text.prefix { $0 != "=" })
        #expect(Base64.encodeURL(Array(plain.utf8)) == short)
        #expect(Base64.decodeURL(short) == Array(plain.utf8))
    }

    @Test("The URL form has its own last two digits")
    func urlDigits() {
        #expect(Base64.encode([0xfb, 0xff]) == "+/8=")
        #expect(Base64.encodeURL([0xfb, 0xff]) == "-_8")
        #expect(Base64.decode("-_8=") == nil)
        #expect(Base64.decodeURL("+/8") == nil)
    }

    @Test(
        "Any second spelling of the same bytes is refused",
        arguments: ["Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm9v====", "====", "=", "Zg==Zg==", "Zm-v", "é="])
    func strictBase64(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("The URL form refuses padding, stray bits and a lone digit", arguments: ["Zg==", "Zh", "Z", "Zm9vY", "Zm 9"])
    func strictURLBase64(_ text: String) {
        #expect(Base64.decodeURL(text) == nil)
    }

    @Test("Hexadecimal is written in lower case and read in either, without gaps or odd digits")
    func hex() {
        #expect(Hex.encode([0, 0xab, 0xff]) == "00abff")
        #expect(Hex.decode("00ABff") == [0, 0xab, 0xff])
        #expect(Hex.decode("") == [])
        for bad in ["0", "0x00", "00 ff", "gg", "０0"] { #expect(Hex.decode(bad) == nil) }
    }
}
