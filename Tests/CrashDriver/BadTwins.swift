import AuroraSystem

/// How not to do it.
///
/// The harnesses must find each of these failing, or they are blind.
struct BadTwins {
    let target: DrivenTarget
    private var file: String { "\(target.folder)/file" }

    /// The prototype's promote: remove each entry, then copy the new one over (defects 6 and 7).
    func copyOver(from first: Int, to last: Int) throws {
        for number in first...last {
            for (path, text, isExecutable) in Version(number: number).files {
                let name = "\(target.path)/\(path)"
                try FileTree.remove(name)
                let mode: UInt32 = isExecutable ? 0o755 : 0o644
                let file = try Descriptor.open(name, [.writeOnly, .create], mode: mode)
                try file.write(all: Array(text.utf8))
            }
            try acknowledge(number)
        }
    }

    /// Rewrites one file in place: a kill leaves it empty or half.
    func rewrite(from first: Int, to last: Int) throws {
        for number in first...last {
            let file = try Descriptor.open(file, [.writeOnly, .create, .truncate])
            try file.write(all: text(number))
            try file.synchronize()
            try DurableFile.syncDirectory(target.folder)
            if number > 0 { try acknowledge(number) }
        }
    }

    /// Renames without fsync: a kill does no harm, a power cut leaves an empty file.
    func renameWithoutSync(from first: Int, to last: Int) throws {
        for number in first...last {
            let file = try Descriptor.open("\(self.file).new", [.writeOnly, .create, .truncate])
            try file.write(all: text(number))
            try DurableFile.rename("\(self.file).new", to: self.file)
            if number > 0 { try acknowledge(number) }
        }
    }

    /// Whether the file is exactly one of the versions.
    func lookAtFile(from first: Int, to last: Int) throws {
        let found = try DurableFile.read(file)
        guard (first...last).contains(where: { text($0) == found }) else {
            throw BadState(description: "the file holds \(found.count) bytes that are no version")
        }
    }

    private func text(_ number: Int) -> [UInt8] { Array(String(repeating: "setting \(number)\n", count: 700).utf8) }
}
