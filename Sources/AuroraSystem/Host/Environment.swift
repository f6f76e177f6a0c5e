import CShims

/// The environment of this process (environ(7)).
package enum Environment {
    /// Every variable and its value, read when asked for.
    ///
    /// Not while another thread changes the environment: the program does that only at its start.
    package static var all: [String: String] {
        var found: [String: String] = [:]
        guard var next = aurora_environment() else { return found }
        while let entry = next.pointee {
            let halves = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if halves.count == 2 { found[String(halves[0])] = String(halves[1]) }
            next += 1
        }
        return found
    }
}
