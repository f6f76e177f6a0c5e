import AuroraSystem
import Testing

@Suite("Packet sockets")
struct PacketSocketTests {
    @Test("what the other end said before it went is heard, even when it had not read all")
    func lastWords() throws {
        let near = try sent(unread: [1, 2, 3], answer: [4])
        #expect(try near.receive() == [4])
        #expect(try near.receive() == [])
        #expect(try near.receive() == [])
    }

    /// An end whose other one has answered and gone without reading.
    private func sent(unread: [UInt8], answer: [UInt8]) throws -> PacketSocket {
        let pair = try PacketPair()
        try pair.near.send(unread)
        try pair.far.send(answer)
        return pair.closeFar()
    }
}
