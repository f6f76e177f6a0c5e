import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraPacks

/// A program of a pack that does not do its work, and what is said about it.
struct BadScript: Sendable, CustomTestStringConvertible {
    /// What it does instead; `MARK` is in the command line of whatever it starts.
    let text: String
    /// Whether only the manifest's time limit ends it.
    let isEndless: Bool
    /// Why it failed, in words.
    let reason: String
    let testDescription: String

    private init(_ name: String, _ text: String, isEndless: Bool = false, _ reason: String) {
        testDescription = name
        self.text = text
        self.isEndless = isEndless
        self.reason = reason
    }

    static let late = "was still running after 1 second"

    static let all = [
        BadScript("hangs", "exec sleep MARK", isEndless: true, late),
        BadScript(
            "ignores SIGTERM", "exec bash -c 'trap \"\" TERM; while :; do sleep 0.2; done' MARK", isEndless: true, late),
        BadScript("is a fork bomb", "exec python3 -c '\(bomb)' MARK", isEndless: true, late),
        BadScript(
            "floods its output", "yes MARK | head -c 64m; echo the end >&2; exit 1",
            "ended with exit status 1; it said: the end"),
        BadScript("leaves daemons", "setsid -f sleep MARK; exit 4", "ended with exit status 4"),
        BadScript("ends with 3", "exit 3", "ended with exit status 3"),
    ]

    /// Every process of it makes more until none can be made, and then waits.
    private static let bomb = """
        import os, time
        while True:
            try:
                os.fork()
            except OSError:
                time.sleep(600)
        """

    /// The script with a mark of its own, and data that it has spoiled first.
    func marked(_ mark: String) -> String {
        "echo spoiled > packs/data/state\n" + text.replacing("MARK", with: mark)
    }
}

/// Something to find the processes of one test by, in their command lines.
struct ProcessMark {
    /// A length of time for `sleep` that nothing else on this machine waits for.
    let text: String

    private static let count = Mutex(0)

    init() {
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        text = "86400.\(getpid())\(1000 + number)"
    }

    /// The processes of this machine that bear it.
    func processes() throws -> [String] {
        try DirectoryNames.read(in: "/proc").compactMap { name in
            guard let pid = name.text, Int(pid) != nil, let command = try? readText("/proc/\(pid)/cmdline") else {
                return nil
            }
            return command.contains(text) ? "\(pid) \(command.replacing("\0", with: " "))" : nil
        }
    }
}
