import Foundation
import Testing

/// The package description as `swift package describe --type json` prints it; only what the tests read.
private struct PackageDescription: Decodable {
    struct Target: Decodable {
        let name: String
        let type: String
        let targetDependencies: [String]?

        enum CodingKeys: String, CodingKey {
            case name, type
            case targetDependencies = "target_dependencies"
        }
    }
    let targets: [Target]
}

@Suite("The module graph")
struct GraphTests {
    @Test("no target of Package.swift depends upwards, sideways or on a C library that has another holder")
    func declaredDependencies() throws {
        let description = try describePackage()
        let ours = description.targets.filter { House.floors[$0.name] != nil }
        #expect(ours.count == House.floors.count, "Floors.swift and Package.swift name different modules")
        for target in ours {
            for dependency in target.targetDependencies ?? [] {
                let objection = House.objection(importer: target.name, imported: dependency)
                #expect(objection == nil, "Package.swift: \(objection ?? "")")
            }
        }
    }

    @Test("every module of Sources has a floor and is in Package.swift")
    func everyModuleHasAFloor() throws {
        let described = Set(try describePackage().targets.map(\.name))
        for module in Set(try SourceTree.files(in: "Sources").map(\.module)) {
            #expect(House.floors[module] != nil, "\(module) has no floor")
            #expect(described.contains(module), "\(module) is not in Package.swift")
        }
    }

    @Test("no source file imports upwards, sideways or a C module outside its wrapper")
    func importsOfSources() throws {
        for file in try SourceTree.files(in: "Sources") {
            for (line, imported) in file.imports {
                let objection = House.objection(importer: file.module, imported: imported)
                #expect(objection == nil, "\(file.path):\(line): \(objection ?? "")")
            }
        }
    }

    @Test("no test file but a wrapper's own imports a C module")
    func importsOfTests() throws {
        for file in try SourceTree.files(in: "Tests") {
            for (line, imported) in file.imports {
                guard let holders = House.holders[imported] else { continue }
                let tested = String(file.module.dropLast(file.module.hasSuffix("Tests") ? 5 : 0))
                #expect(holders.contains(tested), "\(file.path):\(line): imports \(imported)")
            }
        }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let importer: String
        let imported: String
        let isAllowed: Bool
        var testDescription: String { "\(importer) → \(imported): \(isAllowed ? "allowed" : "refused")" }
    }

    @Test(
        "the rule itself refuses what it must",
        arguments: [
            Case(importer: "AuroraModel", imported: "AuroraCrypto", isAllowed: true),
            Case(importer: "AuroraModel", imported: "AuroraReleases", isAllowed: false),
            Case(importer: "AuroraReleases", imported: "AuroraApprovals", isAllowed: true),
            Case(importer: "AuroraReleases", imported: "AuroraHub", isAllowed: false),
            Case(importer: "AuroraHub", imported: "AuroraCommands", isAllowed: false),
            Case(importer: "AuroraCommands", imported: "AuroraHub", isAllowed: false),
            Case(importer: "AuroraArchive", imported: "AuroraSystem", isAllowed: true),
            Case(importer: "AuroraArchive", imported: "AuroraCrypto", isAllowed: false),
            Case(importer: "AuroraDatabase", imported: "CSQLite", isAllowed: true),
            Case(importer: "AuroraAudit", imported: "CSQLite", isAllowed: false),
            Case(importer: "aurora-launcher", imported: "CShims", isAllowed: true),
            Case(importer: "AuroraHub", imported: "CShims", isAllowed: false),
            Case(importer: "AuroraHub", imported: "Foundation", isAllowed: true),
            Case(importer: "AuroraHub", imported: "AuroraUnknown", isAllowed: false),
        ])
    func rule(_ example: Case) {
        #expect((House.objection(importer: example.importer, imported: example.imported) == nil) == example.isAllowed)
    }

    @Test(
        "imports are found behind attributes, access words and kinds",
        arguments: [
            ("import Foundation", "Foundation"), ("@testable import AuroraHub", "AuroraHub"),
            ("package import struct AuroraModel.Digest", "AuroraModel"), ("internal import CSQLite", "CSQLite"),
        ])
    func importsAreFound(_ line: String, _ module: String) {
        #expect(SourceFile.importedModule(in: line) == module)
        #expect(SourceFile.importedModule(in: "// " + line) == nil)
    }

    /// A scratch path of its own: the usual build folder is locked while tests run.
    private func describePackage() throws -> PackageDescription {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "aurora-describe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", SourceTree.root.path(), "--scratch-path", scratch.path(), "describe",
            "--type", "json",
        ]
        // SwiftPM keeps a lock for each scratch path, and the compiler its folders, in the temporary folder for ever.
        process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": scratch.path()]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "swift package describe failed")
        return try JSONDecoder().decode(PackageDescription.self, from: data)
    }
}
