// swift-tools-version: 6.3
import PackageDescription

/// Every Swift target is compiled with these: language mode 6, the upcoming features that make the rules of the next
/// mode true today, and no warning tolerated.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

/// A library of Sources; its landing page is for DocC alone, which `make docs` runs.
func module(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: ["Documentation.docc"], resources: resources,
        swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies + ["AuroraTestSupport"],
        exclude: exclude, swiftSettings: settings)
}

func library(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "aurora",
    products: [
        .executable(name: "aurora", targets: ["aurora"]),
        .executable(name: "aurora-launcher", targets: ["aurora-launcher"]),
        // Preloaded into the crash driver by the kill sweep; never installed.
        .library(name: "CrashPreload", type: .dynamic, targets: ["CrashPreload"]),
    ],
    targets: [
        // C: module maps and inline shims only. Each is imported by one wrapper.
        .systemLibrary(name: "CShims", path: "Sources/C/CShims"),
        library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        library("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
        library("CMicrohttpd", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        library("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        library("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        library("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev"),
        library("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        library("CSeccomp", pkgConfig: "libseccomp", apt: "libseccomp-dev"),

        // Wrappers: one job each.
        module("AuroraSystem", ["CShims"]),
        module("AuroraDatabase", ["CSQLite", "AuroraSystem"]),
        module("AuroraArchive", ["CArchive", "AuroraSystem"]),
        module("AuroraCrypto", ["COpenSSL", "CSodium"]),
        module("AuroraHTTP", ["CMicrohttpd", "AuroraSystem"]),
        module("AuroraFetch", ["CCurl"]),
        module("AuroraYAML", ["CYAML"]),
        module("AuroraSandbox", ["CSeccomp", "AuroraSystem"]),

        // Model: values only.
        module("AuroraModel", ["AuroraCrypto"]),

        // Domain: the rules of the field.
        module("AuroraFields", ["AuroraModel", "AuroraYAML"]),
        module("AuroraActivation", ["AuroraModel", "AuroraSystem", "AuroraCrypto"]),
        module("AuroraAudit", ["AuroraModel", "AuroraDatabase", "AuroraCrypto", "AuroraSystem"]),
        module("AuroraTrust", ["AuroraModel", "AuroraArchive", "AuroraCrypto", "AuroraSandbox", "AuroraSystem"]),
        module(
            "AuroraApprovals",
            [
                "AuroraModel", "AuroraTrust", "AuroraAudit", "AuroraDatabase", "AuroraSystem", "AuroraCrypto",
            ]),
        module(
            "AuroraReleases",
            [
                "AuroraModel", "AuroraActivation", "AuroraApprovals", "AuroraAudit", "AuroraTrust", "AuroraDatabase",
                "AuroraArchive", "AuroraSandbox", "AuroraSystem", "AuroraCrypto",
            ]),
        module(
            "AuroraRuntime",
            ["AuroraModel", "AuroraDatabase", "AuroraSandbox", "AuroraSystem", "AuroraCrypto"]),
        module(
            "AuroraPacks",
            [
                "AuroraModel", "AuroraRuntime", "AuroraActivation", "AuroraApprovals", "AuroraAudit", "AuroraTrust",
                "AuroraArchive", "AuroraDatabase", "AuroraFields", "AuroraYAML", "AuroraSandbox", "AuroraSystem",
                "AuroraCrypto",
            ]),

        // Edges: what people and machines talk to.
        module(
            "AuroraHub",
            [
                "AuroraModel", "AuroraReleases", "AuroraApprovals", "AuroraActivation", "AuroraAudit", "AuroraTrust",
                "AuroraDatabase", "AuroraHTTP", "AuroraFields", "AuroraYAML", "AuroraSandbox", "AuroraSystem",
                "AuroraCrypto",
            ],
            resources: [
                .embedInCode("Dashboard/Assets/aurora.css"), .embedInCode("Dashboard/Assets/aurora.js"),
                .embedInCode("Dashboard/Assets/aurora.svg"),
            ]),
        module(
            "AuroraCommands",
            [
                "AuroraModel", "AuroraActivation", "AuroraAudit", "AuroraFields", "AuroraPacks", "AuroraRuntime",
                "AuroraTrust", "AuroraFetch", "AuroraSandbox", "AuroraSystem", "AuroraCrypto", "AuroraYAML",
            ]),

        // Executables: arguments, wiring, exit code.
        .executableTarget(
            name: "aurora",
            dependencies: [
                "AuroraHub", "AuroraCommands", "AuroraRuntime", "AuroraArchive", "AuroraPacks", "AuroraReleases",
                "AuroraModel", "AuroraSystem",
            ],
            swiftSettings: settings),
        // Executed once more inside of sandboxes, where there is no Swift runtime: it carries its own.
        .executableTarget(
            name: "aurora-launcher", dependencies: ["CShims"], swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-static-executable"])]),

        // What `make bench` runs; never installed.
        .executableTarget(
            name: "aurora-bench",
            dependencies: [
                "AuroraActivation", "AuroraAudit", "AuroraPacks", "AuroraReleases", "AuroraRuntime", "AuroraDatabase",
                "AuroraFetch", "AuroraModel", "AuroraSandbox", "AuroraSystem", "AuroraCrypto", "AuroraTrust",
            ],
            path: "Benchmarks/AuroraBench", swiftSettings: settings),

        // Tests and what only tests use.
        .target(
            name: "AuroraTestSupport", dependencies: ["AuroraSystem"], path: "Tests/AuroraTestSupport",
            swiftSettings: settings),
        .target(name: "CrashPreload", path: "Tests/CrashPreload"),
        .executableTarget(
            name: "aurora-crash-driver",
            dependencies: [
                "AuroraActivation", "AuroraApprovals", "AuroraArchive", "AuroraAudit", "AuroraDatabase",
                "AuroraModel", "AuroraPacks", "AuroraReleases", "AuroraRuntime", "AuroraSandbox", "AuroraSystem",
                "AuroraCrypto", "AuroraTrust",
            ],
            path: "Tests/CrashDriver", swiftSettings: settings),
        tests("AuroraSystem", ["AuroraSystem"]),
        tests("AuroraDatabase", ["AuroraDatabase"]),
        .target(
            name: "HostileArchives", dependencies: ["AuroraSystem"], path: "Tests/HostileArchives",
            swiftSettings: settings),
        tests("AuroraArchive", ["AuroraArchive", "AuroraSystem", "HostileArchives"]),
        tests("AuroraCrypto", ["AuroraCrypto"]),
        tests("AuroraHTTP", ["AuroraHTTP", "AuroraFetch", "AuroraSystem"]),
        tests("AuroraFetch", ["AuroraFetch", "AuroraHTTP", "AuroraSystem"]),
        tests("AuroraYAML", ["AuroraYAML"]),
        tests(
            "AuroraSandbox",
            ["AuroraSandbox", "AuroraArchive", "AuroraSystem", "HostileArchives"]),
        tests("AuroraModel", ["AuroraModel"]),
        tests("AuroraFields", ["AuroraFields", "AuroraModel", "AuroraYAML"]),
        tests("AuroraActivation", ["AuroraActivation", "AuroraModel", "AuroraSystem", "AuroraCrypto"]),
        tests("AuroraAudit", ["AuroraAudit", "AuroraModel", "AuroraDatabase", "AuroraCrypto", "AuroraSystem"]),
        tests("AuroraTrust", ["AuroraTrust", "AuroraSandbox", "AuroraModel", "AuroraCrypto", "AuroraSystem"]),
        tests(
            "AuroraApprovals",
            [
                "AuroraApprovals", "AuroraModel", "AuroraTrust", "AuroraAudit", "AuroraDatabase", "AuroraCrypto",
                "AuroraSystem",
            ]),
        tests(
            "AuroraReleases",
            [
                "AuroraReleases", "AuroraModel", "AuroraActivation", "AuroraApprovals", "AuroraAudit", "AuroraTrust",
                "AuroraDatabase", "AuroraArchive", "AuroraSandbox", "AuroraSystem", "AuroraCrypto",
            ]),
        tests(
            "AuroraRuntime", ["AuroraRuntime", "AuroraModel", "AuroraDatabase", "AuroraSandbox", "AuroraSystem"],
            exclude: ["Fixtures"]),
        tests(
            "AuroraPacks",
            [
                "AuroraPacks", "AuroraRuntime", "AuroraModel", "AuroraActivation", "AuroraAudit", "AuroraTrust",
                "AuroraDatabase", "AuroraFields", "AuroraYAML", "AuroraSandbox", "AuroraSystem", "AuroraCrypto",
                "HostileArchives",
            ]),
        tests(
            "AuroraHub",
            [
                "AuroraHub", "AuroraModel", "AuroraReleases", "AuroraApprovals", "AuroraActivation", "AuroraAudit",
                "AuroraTrust", "AuroraDatabase", "AuroraHTTP", "AuroraFetch", "AuroraSandbox", "AuroraSystem",
                "AuroraCrypto", "AuroraFields", "AuroraYAML",
            ]),
        tests(
            "AuroraCommands",
            [
                "AuroraCommands", "AuroraModel", "AuroraAudit", "AuroraTrust", "AuroraPacks", "AuroraRuntime",
                "AuroraSandbox", "AuroraSystem", "AuroraCrypto",
            ],
            exclude: ["Golden"]),
        tests("Documentation", ["AuroraSystem"]),
        tests("House", []),
        tests("KillSweep", ["AuroraModel", "AuroraSystem"]),
        tests(
            "EndToEnd",
            [
                "AuroraFetch", "AuroraModel", "AuroraPacks", "AuroraRuntime", "AuroraSandbox", "AuroraSystem",
                "AuroraCrypto",
                "AuroraTrust", "AuroraAudit",
            ]),
    ]
)
