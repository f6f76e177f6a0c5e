import AuroraModel

/// The pages of docs/reference that are made from the hub's own tables.
package enum HubReference {
    /// Every page: its name below docs/reference and its text.
    ///
    /// The routes are those of a real hub, which is opened and closed again.
    ///
    /// - Parameter scratch: a folder for its state; the caller removes it.
    package static func pages(scratch: String) throws -> [(name: String, text: String)] {
        [
            ("api.md", APIReference(table: try routes(scratch)).text),
            ("problems.md", ProblemReference.text),
            ("configuration.md", ConfigurationReference.text),
            ("policy.md", PolicyReference.text),
            ("audit.md", AuditReference.text),
        ]
    }

    private static func routes(_ scratch: String) throws -> RouteTable {
        let options = HubOptions(state: scratch + "/state")
        let configuration = HubConfiguration()
        let hub = try Hub(
            options: options, configuration: configuration, listening: try Listening(options, configuration),
            log: Log(json: true, level: .error))
        defer { hub.close() }
        return hub.table
    }
}
