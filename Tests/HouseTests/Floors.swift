/// The floors of the house, from ARCHITECTURE.md: a module may import what lies below it.
enum Floor: Int, Comparable {
    case wrapper, model, domain, edge, executable

    static func < (left: Floor, right: Floor) -> Bool { left.rawValue < right.rawValue }
}

/// Which module lives on which floor, and who may hold which C library.
enum House {
    static let floors: [String: Floor] = [
        "AuroraSystem": .wrapper, "AuroraDatabase": .wrapper, "AuroraArchive": .wrapper, "AuroraCrypto": .wrapper,
        "AuroraHTTP": .wrapper, "AuroraFetch": .wrapper, "AuroraYAML": .wrapper, "AuroraSandbox": .wrapper,
        "AuroraModel": .model,
        "AuroraActivation": .domain, "AuroraAudit": .domain, "AuroraTrust": .domain, "AuroraApprovals": .domain,
        "AuroraFields": .domain, "AuroraReleases": .domain, "AuroraRuntime": .domain, "AuroraPacks": .domain,
        "AuroraHub": .edge, "AuroraCommands": .edge,
        "aurora": .executable, "aurora-launcher": .executable,
    ]

    /// The one wrapper of each C library; the launcher is so small that it speaks to Linux itself.
    static let holders: [String: Set<String>] = [
        "CShims": ["AuroraSystem", "aurora-launcher"],
        "CSQLite": ["AuroraDatabase"],
        "CArchive": ["AuroraArchive"],
        "CMicrohttpd": ["AuroraHTTP"],
        "CCurl": ["AuroraFetch"],
        "COpenSSL": ["AuroraCrypto"],
        "CSodium": ["AuroraCrypto"],
        "CYAML": ["AuroraYAML"],
        "CSeccomp": ["AuroraSandbox"],
    ]

    /// Why `importer` must not import `imported`, or nothing when it may.
    ///
    /// Modules that are not ours (Foundation, Synchronization, Glibc) are nobody's floor.
    static func objection(importer: String, imported: String) -> String? {
        if let allowed = holders[imported] {
            return allowed.contains(importer)
                ? nil : "\(importer) imports \(imported); only \(allowed.sorted().joined(separator: ", ")) may"
        }
        guard let upper = floors[importer] else { return "\(importer) has no floor in HouseTests/Floors.swift" }
        guard let lower = floors[imported] else {
            let looksOurs = imported.hasPrefix("Aurora") || imported.hasPrefix("aurora")
            return looksOurs ? "\(imported) has no floor in HouseTests/Floors.swift" : nil
        }
        if importer == imported || lower < upper { return nil }
        if lower > upper { return "\(importer) (\(upper)) imports upwards: \(imported) (\(lower))" }
        return isSidewaysAllowed(importer, imported, on: upper)
            ? nil : "\(importer) imports sideways: \(imported), both on the floor \(upper)"
    }

    /// Domain modules build on each other (the package manager refuses cycles); wrappers build on AuroraSystem alone.
    private static func isSidewaysAllowed(_ importer: String, _ imported: String, on floor: Floor) -> Bool {
        switch floor {
        case .domain: true
        case .wrapper: imported == "AuroraSystem"
        case .model, .edge, .executable: false
        }
    }
}
