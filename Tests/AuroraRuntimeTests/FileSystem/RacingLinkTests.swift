import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

/// A second thread exchanges a folder and a link that leads outside, as fast as it can.
@Suite(.serialized) struct RacingLinkTests {
    @Test("defect 43: a link that is swapped in while a path is walked never leads outside", .timeLimit(.minutes(2)))
    func confined() throws {
        try withFiles { files, folder in
            let race = try Race(folder)
            defer { race.end() }
            var (inside, refused) = (0, 0)
            for round in 0..<40_000 {
                do {
                    #expect(try text(files.read(path("swapped/secret"))) == "mine", "round \(round)")
                    inside += 1
                } catch let error as FileSystemError {
                    #expect(error.fault == .outside || error.fault == .notFound)
                    refused += 1
                }
                if round % 8 == 0 {
                    _ = fault { try files.write(path("swapped/new"), bytes("x")) }
                    _ = fault { try files.append(path("swapped/more"), bytes("x")) }
                    _ = fault { try files.makeDirectory(path("swapped/folder")) }
                    _ = fault { try files.remove(path("swapped/secret2")) }
                    _ = fault { try files.removeTree(path("swapped/folder")) }
                }
            }
            race.end()
            #expect(inside > 100 && refused > 100, "both sides of the race must have been seen: \(inside), \(refused)")
            #expect(try FileTree.walk("\(folder)/outside").map(\.path) == ["secret", "secret2"])
        }
    }

    @Test("the same race against a comparison of strings does lead outside", .timeLimit(.minutes(2)))
    func badTwin() throws {
        try withFiles { _, folder in
            let race = try Race(folder)
            defer { race.end() }
            let root = "\(folder)/root"
            var escapes = 0
            for _ in 0..<2_000_000 where escapes == 0 {
                // What a filter does: where does the path lead, is that inside? Then open it.
                let real = realpath("\(root)/swapped/secret", nil)
                defer { free(real) }
                guard let real, String(cString: real).hasPrefix(root + "/") else { continue }
                if (try? readText("\(root)/swapped/secret")) == "secret" { escapes += 1 }
            }
            #expect(escapes > 0, "the race is too slow to prove anything")
        }
    }
}

/// Exchanges `root/swapped` (a folder with a file of its own) and `root/other` (a link to `outside`) without end.
private final class Race: Sendable {
    private let isOver = Mutex(false)
    private let isDone = DispatchSemaphore(value: 0)

    init(_ folder: String) throws {
        let root = "\(folder)/root"
        try DurableFile.makeDirectory("\(root)/swapped")
        for name in ["secret", "secret2"] { try AuroraTestSupport.write("mine", to: "\(root)/swapped/\(name)") }
        try AuroraTestSupport.write("secret", to: "\(folder)/outside/secret2")
        try DurableFile.symlink("\(folder)/outside", at: "\(root)/other")
        let place = try Descriptor.open(root, [.readOnly, .directory]).release()
        Thread { [self] in
            let own = Descriptor(adopting: place)
            while !isOver.withLock({ $0 }) {
                try? own.renameEntry("swapped", to: own, "spare", replacing: true)
                try? own.renameEntry("other", to: own, "swapped", replacing: true)
                try? own.renameEntry("swapped", to: own, "other", replacing: true)
                try? own.renameEntry("spare", to: own, "swapped", replacing: true)
            }
            isDone.signal()
        }.start()
    }

    /// Ends the exchanging; the second time nothing happens.
    func end() {
        let wasOver = isOver.withLock { value in
            defer { value = true }
            return value
        }
        if !wasOver { isDone.wait() }
    }
}
