import AuroraModel
import AuroraPacks

/// Known versions, written shortly: `"a 1.0.0: b ^1, c *"`.
func shelf(_ lines: [String]) throws -> [PackID: [KnownVersion]] {
    var known: [PackID: [KnownVersion]] = [:]
    for line in lines {
        let parts = line.split(separator: ":", maxSplits: 1)
        let head = parts[0].split(separator: " ")
        let needs = parts.count > 1 ? parts[1].split(separator: ",") : []
        let version = KnownVersion(
            try version(String(head[1])),
            dependencies: try needs.map { try need(String($0.drop { $0 == " " })) })
        known[try pack(String(head[0])), default: []].append(version)
    }
    return known
}

/// One dependency, such as `b ^1`.
func need(_ text: String) throws -> PackManifest.Dependency {
    let words = text.split(separator: " ", maxSplits: 1)
    return PackManifest.Dependency(
        id: try pack(String(words[0])), range: try VersionRange(words.count > 1 ? String(words[1]) : "*"))
}

func pack(_ text: String) throws -> PackID { try PackID.require(text) }

func version(_ text: String) throws -> SemanticVersion {
    guard let version = SemanticVersion(text) else { throw Refusal(.badRequest, code: "test", "\(text) is no version") }
    return version
}

/// Versions by name, such as `["a": "1.0.0"]`.
func set(_ versions: [String: String]) throws -> [PackID: SemanticVersion] {
    var result: [PackID: SemanticVersion] = [:]
    for (name, text) in versions { result[try pack(name)] = try version(text) }
    return result
}

/// Resolves and gives the versions by name.
func resolve(
    _ lines: [String], installed: [String: String] = [:], wanted: [String] = [], upgraded: [String] = [],
    removed: [String] = []
) throws -> [String: String] {
    let resolver = Resolver(known: try shelf(lines), installed: try set(installed))
    let request = ResolutionRequest(
        wanted: try wanted.map(need), upgraded: Set(try upgraded.map(pack)), removed: Set(try removed.map(pack)))
    let resolution = try resolver.resolve(request)
    return Dictionary(uniqueKeysWithValues: resolution.versions.map { ($0.key.text, $0.value.description) })
}
