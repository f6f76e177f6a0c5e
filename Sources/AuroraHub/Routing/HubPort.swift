/// Which of the hub's two ports a request came in on.
enum HubPort: String, CaseIterable, Hashable, Sendable {
    /// 9710: uploads by CI, devices, the prototype's updater routes, audit tiles.
    case updater
    /// 9711: the dashboard and the operators' API.
    case dashboard
}
