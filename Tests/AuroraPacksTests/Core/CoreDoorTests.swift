import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraPacks

@Suite struct CoreDoorTests {
    /// A door at a socket of its own, whose clients stay until they close.
    private final class Bench: Sendable {
        let path: String
        let served = Monitor<[CorePeer]>([])
        let events = Monitor<[CoreEvent]>([])
        /// What the next clients are, in order; the owner when there are no more.
        let peers = Mutex<[CorePeer]>([])
        /// What accepting fails with first.
        let faults = Mutex<[Int32]>([])

        init(path: String) { self.path = path }

        func connect() throws -> LocalStream { try LocalStream(path: path) }
        func isServed(_ count: Int) -> Bool {
            served.wait(timeout: .seconds(20)) { $0.count == count ? true : nil } ?? false
        }
        /// The code that a client reads which is not let in.
        func refusal(_ client: LocalStream) throws -> String? {
            try CoreWire.receive(from: client, limit: CoreWire.answerLimit, idle: .seconds(20))?["error"]?["code"]?
                .string
        }
    }

    private func withDoor(_ body: (Bench) throws -> Void) throws {
        try withTemporaryDirectory { folder in
            let bench = Bench(path: "\(folder)/s")
            let (socket, stop) = (try LocalSocket(.stream, path: bench.path), try StopSignal())
            defer { stop.raise() }
            let work = CoreDoor.Work(
                accept: { () throws(SystemError) in
                    if let fault = bench.faults.withLock({ $0.popLast() }) {
                        throw SystemError(operation: "accept4", path: bench.path, errno: fault)
                    }
                    return try socket.accept(stop: stop)
                },
                judge: { _ in bench.peers.withLock { $0.isEmpty ? .owner : $0.removeFirst() } },
                serve: { stream, peer in
                    bench.served.change(wakingAll: true) { $0.append(peer) }
                    _ = try? stream.receive(1, timeout: nil, stop: stop)
                    bench.served.change(wakingAll: true) { served in
                        if let index = served.firstIndex(of: peer) { served.remove(at: index) }
                    }
                }, tell: { event in bench.events.change(wakingAll: true) { $0.append(event) } })
            try CoreDoor(work, stop: stop).open()
            try body(bench)
        }
    }

    @Test("a machine without descriptors to spare keeps nobody out for longer than that lasts, and it is told once")
    func scarcity() throws {
        try withDoor { bench in
            let first = try bench.connect()
            #expect(bench.isServed(1))
            bench.faults.withLock { $0 = [ENFILE, EMFILE, EMFILE] }
            // Accepting waits for this one already; the next ones meet the faults.
            let second = try bench.connect()
            let third = try bench.connect()
            #expect(bench.isServed(3))
            let told = bench.events.withLock { $0 }
            #expect(told.count == 3, "\(told)")
            #expect(told.last == .note("the control socket lets clients in again"))
            withExtendedLifetime((first, second, third)) {}
        }
    }

    @Test("packs that take every place they can get leave the owner's free")
    func places() throws {
        try withDoor { bench in
            let greedy: [CorePeer] = (1...6).flatMap { user in (0..<8).map { _ in .pack(user: user) } }
            bench.peers.withLock { $0 = greedy }
            var (clients, count): ([LocalStream], Int) = ([], 0)
            for (index, peer) in greedy.enumerated() {
                let client = try bench.connect()
                clients.append(client)
                if index % 8 < CoreDoor.packPlaces, count < CoreDoor.allPackPlaces {
                    count += 1
                    #expect(bench.isServed(count))
                } else {
                    #expect(try bench.refusal(client) == "too_many", "\(peer)")
                }
            }
            let served = bench.served.withLock { $0 }
            #expect(served.count == CoreDoor.allPackPlaces)
            for user in Set(served) { #expect(served.filter { $0 == user }.count == CoreDoor.packPlaces) }
            let owner = try bench.connect()
            #expect(bench.isServed(CoreDoor.allPackPlaces + 1))
            // A place that is given back can be had again.
            clients.removeAll()
            #expect(bench.isServed(1))
            withExtendedLifetime(owner) {}
        }
    }

    @Test("what descends from the core counts as a pack even where packs are run as the core's own user")
    func judging() throws {
        let child = try ChildProcess.start(
            ProcessSpec(executable: "/usr/bin/sleep", arguments: ["600"]), output: .inherit, errorOutput: .inherit)
        defer {
            child.send(SIGKILL)
            _ = try? child.wait(timeout: .seconds(20))
        }
        func judge(_ pid: Int32, _ user: UInt32, controllers: Set<UInt32> = []) -> CorePeer {
            CorePeer(
                SocketPeer(pid: pid, uid: user, gid: user), core: (pid: getpid(), user: 1000), controllers: controllers)
        }
        #expect(judge(getppid(), 1000) == .owner && judge(0, 1000) == .owner)
        #expect(judge(child.pid, 0) == .owner)
        #expect(judge(child.pid, 1000) == .stranger(user: 1000))
        #expect(judge(child.pid, 1000, controllers: [1000]) == .pack(user: 1000))
        #expect(judge(getppid(), 2000) == .stranger(user: 2000))
        // A number no process has: whoever it was may have passed its connection on.
        #expect(judge(.max, 1000) == .stranger(user: 1000))
        #expect(throws: CoreProblem.self) { try judge(child.pid, 1000, controllers: [1000]).demandOwner() }
        #expect(throws: CoreProblem.self) { try judge(child.pid, 1000).demandKnown() }
    }
}
