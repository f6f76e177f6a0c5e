/// How the namespaces around a program are made; everything else is the same in both.
package enum SandboxConfiguration: String, Hashable, Sendable, Codable, CaseIterable {
    /// By bubblewrap as the program's own unprivileged user, in a user namespace that makes no further ones.
    case unprivileged
    /// By bubblewrap as root, where user namespaces are off; the launcher takes the user and the last capabilities away
    /// inside.
    case privileged
}
