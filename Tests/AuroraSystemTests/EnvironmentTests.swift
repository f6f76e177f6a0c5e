import AuroraSystem
import Foundation
import Testing

@Suite("Environment")
struct EnvironmentTests {
    @Test("every variable is there, an empty value and one with = in it too")
    func all() {
        let expected = ProcessInfo.processInfo.environment
        #expect(!expected.isEmpty)
        #expect(Environment.all == expected)
    }
}
