import AuroraModel

/// The dashboard's own files, compiled into the program.
///
/// Each is served under a name that carries the first digits of its SHA-256, so a browser may keep it for ever and still
/// never mixes two versions.
struct DashboardAssets: Sendable {
    /// One file as it is sent.
    struct Asset: Sendable {
        let path: String
        let contentType: String
        let bytes: [UInt8]

        fileprivate init(_ name: String, _ type: String, _ contentType: String, _ bytes: [UInt8]) {
            path = "/ui/\(name).\(Digest(hashing: bytes).short).\(type)"
            self.contentType = contentType
            self.bytes = bytes
        }
    }

    let style: Asset
    let script: Asset
    let icon: Asset

    static let current = DashboardAssets(
        style: Asset("aurora", "css", "text/css; charset=utf-8", PackageResources.aurora_css),
        script: Asset("aurora", "js", "text/javascript; charset=utf-8", PackageResources.aurora_js),
        icon: Asset("aurora", "svg", "image/svg+xml", PackageResources.aurora_svg))

    var all: [Asset] { [style, script, icon] }
}
