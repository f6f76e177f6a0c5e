import Testing

@testable import AuroraSystem

@Suite struct LoginUserTests {
    /// A text of `/proc/self/loginuid`, and the login it tells of.
    struct Record: Sendable, CustomStringConvertible {
        let text: String?
        let login: UInt32?
        var description: String { text.map { "\"\($0)\"" } ?? "no record" }
    }

    static let records = [
        Record(text: "1000", login: 1000), Record(text: "1000\n", login: 1000), Record(text: "0", login: 0),
        Record(text: "4294967294", login: 4_294_967_294),
        // Nobody logged in.
        Record(text: "4294967295", login: nil), Record(text: "4294967295\n", login: nil),
        Record(text: nil, login: nil), Record(text: "", login: nil), Record(text: "\n", login: nil),
        Record(text: "-1", login: nil), Record(text: "+1000", login: nil), Record(text: "4294967296", login: nil),
        Record(text: "root", login: nil), Record(text: "1000 1001", login: nil),
    ]

    @Test("the kernel's record names the login; without one it is the process's user, and says so", arguments: records)
    func record(_ record: Record) {
        let user = LoginUser(record: record.text, process: 12_345_678)
        #expect(user.uid == record.login ?? 12_345_678)
        #expect(user.isLogin == (record.login != nil))
    }

    @Test("root that logged in and a process of root are told apart")
    func root() {
        let (person, service) = (LoginUser(record: "0", process: 0), LoginUser(record: "4294967295", process: 0))
        #expect(person.name == "root" && service.name == "root" && person != service)
        #expect(person.facts.map { "\($0)=\($1)" } == ["uid=0", "login=yes"])
        #expect(service.facts.map { "\($0)=\($1)" } == ["uid=0", "login=no"])
    }

    @Test("a user without a name has its number for one")
    func nameless() { #expect(LoginUser(record: "4294967294", process: 0).name == "4294967294") }
}
