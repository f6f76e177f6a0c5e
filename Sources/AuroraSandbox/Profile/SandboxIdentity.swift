import Glibc

/// The user and group a child runs as.
package struct SandboxIdentity: Hashable, Sendable {
    /// The user id.
    package let uid: UInt32
    /// The group id.
    package let gid: UInt32

    /// Makes an identity.
    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }

    /// Parses untrusted input when the hub runs as root.
    ///
    /// These numbers lie between the highest id Debian hands out (59999) and `nobody` (65534), which others use.
    package static let unpack = SandboxIdentity(uid: 64_320, gid: 64_320)
    /// Runs the health and apply commands for which the configuration names no user, when the hub runs as root.
    package static let command = SandboxIdentity(uid: 64_321, gid: 64_321)
    /// Runs trials when the hub runs as root.
    package static let trial = SandboxIdentity(uid: 64_322, gid: 64_322)

    /// Judges signatures when the hub runs as root.
    package static let signature = SandboxIdentity(uid: 64_323, gid: 64_323)

    /// The process's own effective ids.
    package static var own: SandboxIdentity { SandboxIdentity(uid: geteuid(), gid: getegid()) }

    /// This identity when the process is root and can take it, else the process's own.
    package var whenRoot: SandboxIdentity { SandboxIdentity.own.uid == 0 ? self : .own }
}
