import AuroraModel
import Testing

@testable import AuroraPacks

/// What an operator does with the data of the pack `a`; archives lie in the bench's folder.
extension TestBench {
    @discardableResult
    func exportData(_ name: String = "a.tar") throws -> DataExport {
        let a = try #require(PackID("a"))
        return try use { installer in
            try installer.copyData(of: a, by: Self.ada)
            return try installer.exportData(of: a, to: "\(folder)/\(name)", by: Self.ada)
        }
    }

    @discardableResult
    func importData(_ name: String = "a.tar") throws -> DataSnapshot {
        let a = try #require(PackID("a"))
        return try use {
            try $0.importData(of: a, from: "\(folder)/\(name)", reason: "a test", by: Self.ada)
        }
    }

    /// Brings back what data were put in place of.
    func takeBackData() throws {
        let a = try #require(PackID("a"))
        _ = try use { try $0.takeBackData(of: a, reason: "a test", by: Self.ada) }
    }
}
