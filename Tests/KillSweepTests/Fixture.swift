import AuroraSystem
import AuroraTestSupport
import Foundation
import Glibc

/// What lies in the folder of a scenario before its setup.
enum Fixture: Sendable {
    /// The launcher that hands faults on to the unpacking child.
    case hub
    /// That, a ring with one release key, and an artifact with its signature.
    case signed

    /// Words of a setup that stand for files the fixture made.
    static let artifact = "{artifact}"
    static let signature = "{signature}"

    /// Makes the files in `folder`.
    func make(in folder: String) throws {
        let driver = try Harness.driver()
        let launcher = try BuiltPrograms.path("aurora-launcher")
        try write(
            "#!/bin/sh\nexec '\(driver)' launch-child '\(folder)' '\(launcher)' \"$1\"\n", to: "\(folder)/launcher",
            mode: 0o755)
        guard self == .signed else { return }
        let signed = try Self.signedArtifact.get()
        try put(signed.ring, "\(folder)/ring.gpg")
        try put(Array(signed.fingerprint.utf8), "\(folder)/fingerprint")
        try put(signed.artifact, "\(folder)/artifact")
        try put(signed.signature, "\(folder)/signature")
    }

    /// The word of a setup as it is for `folder`.
    static func resolve(_ word: String, _ folder: String) -> String {
        switch word {
        case artifact: "\(folder)/artifact"
        case signature: "\(folder)/signature"
        default: word
        }
    }

    private func put(_ bytes: [UInt8], _ path: String) throws {
        try Descriptor.open(path, [.writeOnly, .create, .truncate]).write(all: bytes)
    }

    private struct Signed: Sendable {
        let ring: [UInt8]
        let fingerprint: String
        let artifact: [UInt8]
        let signature: [UInt8]
    }

    /// Made once: a key, a small tree with every kind of entry, its archive and the signature over it.
    private static let signedArtifact: Result<Signed, any Error> = Result {
        try withTemporaryDirectory { folder in
            let tree = "\(folder)/tree"
            try write("1\n", to: "\(tree)/VERSION")
            try write("#!/bin/sh\necho 1\n", to: "\(tree)/bin/run", mode: 0o755)
            try write(String(repeating: "setting\n", count: 20_000), to: "\(tree)/etc/deep/conf")
            try DurableFile.symlink("bin/run", at: "\(tree)/run")
            guard link("\(tree)/bin/run", "\(tree)/bin/again") == 0 else { throw HarnessError(text: "no hard link") }
            let artifact = try Archive.tar(["-C", tree, "--sort=name", "-czf", "-", "."])
            let signer = try Signer.shared.get()
            return Signed(
                ring: try signer.ring(), fingerprint: signer.fingerprint, artifact: artifact,
                signature: try signer.sign(artifact))
        }
    }
}
