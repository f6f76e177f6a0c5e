import AuroraSystem
import Foundation
import Synchronization

/// Ctrl-C in the middle of a run: our servers are in sessions of their own and do not see it.
enum Interruption {
    private static let running = Mutex<[ChildProcess]>([])

    /// From now on SIGINT, SIGTERM and SIGHUP end the servers, remove the folder and end this process.
    static func handle(removing folder: String) {
        Signals.block()
        let watcher = Thread {
            while ((try? Signals.wait(timeout: .seconds(3600))) ?? nil) == nil {}
            for child in running.withLock({ $0 }) { child.kill() }
            try? FileTree.remove(folder)
            exit(130)
        }
        watcher.start()
    }

    /// Remembers a server until ``forget(_:)``.
    static func remember(_ child: ChildProcess) { running.withLock { $0.append(child) } }

    /// The server has ended.
    static func forget(_ child: ChildProcess) { running.withLock { $0.removeAll { $0 === child } } }
}
