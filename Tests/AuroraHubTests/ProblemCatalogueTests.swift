import AuroraHTTP
import AuroraModel
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraHub

/// The catalogue of codes beside the sources that refuse.
@Suite("The catalogue of refusals")
struct ProblemCatalogueTests {
    /// One code as the sources write it, with the status its kind gives where that stands beside it.
    private struct Use: Hashable {
        let code: String
        let status: Int?
        let file: String
    }

    private static let statuses: [String: Int] = Dictionary(
        uniqueKeysWithValues: Refusal.Kind.allCases.map { kind in
            (kind.rawValue, Problem(Refusal(kind, code: "any", "any")).status)
        })

    @Test("every code of the sources is in it, with its status")
    func complete() throws {
        for use in try Self.uses() {
            let kind = ProblemCatalogue.kind(of: use.code)
            #expect(kind != nil, "\(use.file): \(use.code) is not in ProblemCatalogue")
            guard let kind, let status = use.status else { continue }
            #expect(kind.statuses.contains(status), "\(use.file): \(use.code) comes with \(status)")
        }
        for code in TransportRefusal.Code.allCases {
            #expect(ProblemCatalogue.kind(of: code.rawValue) != nil, "\(code.rawValue)")
        }
    }

    @Test("it holds no code that nothing refuses with, and none twice")
    func nothingElse() throws {
        let used = Set(try Self.uses().map(\.code)).union(TransportRefusal.Code.allCases.map(\.rawValue))
        let listed = ProblemCatalogue.groups.flatMap(\.kinds).map(\.code)
        #expect(Set(listed).count == listed.count)
        #expect(Set(listed).subtracting(used) == [])
    }

    @Test("the title of an answer is its code's, whatever the occurrence")
    func titles() throws {
        try withHub { hub in
            let token = try hub.admin()
            for name in ["nobody", "noone"] {
                let answer = hub.send(.get, "/api/v1/users/\(name)", token: token)
                #expect(answer.json["title"]?.string == ProblemCatalogue.kind(of: "not_found")?.title)
            }
        }
    }

    /// Codes as the constructors of refusals take them; those of the command line and of devices, which the hub never
    /// gives, are their own.
    private static func uses() throws -> Set<Use> {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        var uses: Set<Use> = []
        for name in FileManager.default.enumerator(atPath: root.path())?.compactMap({ $0 as? String }) ?? [] {
            let isElsewhere = ["AuroraCommands", "AuroraPacks", "AuroraRuntime"].contains { name.hasPrefix($0 + "/") }
            guard name.hasSuffix(".swift"), !isElsewhere, !name.hasSuffix("Catalogue.swift") else { continue }
            let text = try readText(root.appending(path: name).path())
            for match in text.matches(of: /(?:\.(?<kind>[a-zA-Z]+),\s+)?code: (?:String = )?"(?<code>[a-z_]+)"/) {
                uses.insert(
                    Use(
                        code: String(match.code), status: match.kind.flatMap { statuses[String($0)] }, file: name))
            }
            for match in text.matches(of: /\(\s*(?<status>[45][0-9][0-9]), "(?<code>[a-z_]+)"/) {
                uses.insert(Use(code: String(match.code), status: Int(match.status), file: name))
            }
            for match in text.matches(
                of: /(?:conflict\(|errors? \?|\? )\s*"(?<code>[a-z]+_[a-z_]+|exists)"(?: : "(?<other>[a-z_]+)")?/)
            {
                uses.insert(Use(code: String(match.code), status: 409, file: name))
                if let other = match.other { uses.insert(Use(code: String(other), status: 409, file: name)) }
            }
            for match in text.matches(of: /throttled\(\s*"(?<code>[a-z_]+)"/) {
                uses.insert(Use(code: String(match.code), status: 429, file: name))
            }
            for match in text.matches(of: /= \(\.(?<kind>[a-zA-Z]+), "(?<code>[a-z_]+)"\)/) {
                uses.insert(Use(code: String(match.code), status: statuses[String(match.kind)], file: name))
            }
            for match in text.matches(of: /= \("(?<code>[a-z]+_[a-z_]+)", "/) {
                uses.insert(Use(code: String(match.code), status: 409, file: name))
            }
        }
        return uses
    }
}
