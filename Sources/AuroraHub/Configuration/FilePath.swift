/// Paths as text, where nothing is looked up.
enum FilePath {
    /// The folder of a path: `/a/b` is in `/a`, `b` is in `.`.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The path without slashes at its end, as completion writes them after a folder; `/` stays.
    static func withoutFinalSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
