import CShims
import Glibc

/// Stays as the first process of a room: starts what it is asked to, collects whatever ends, and ends with its socket.
///
/// Packets of numbers, all u32 in the machine's order. Asked: `1 id`, then arguments that each end with a NUL, with the
/// three standard streams as descriptors: run this. `2 id signal`: send it to the group of that program. `3 0 signal`:
/// send it to everything in the room. Told: `ready` as text, once. `1 id how value`: the program has ended, by itself
/// (how 1) or by a signal (how 2). `2 id how value`: nothing is left running; `id` is the last one asked for,
/// and the rest is how the last process ended that a program had left behind (how 0: there was none).
/// `3 id 0 errno`: the program could not be executed.
///
/// Landlock, seccomp and the user are in force for the keeper itself, and so for all that it starts.
struct Keeper {
    private static let packetLimit = 200 << 10

    private let specification: Specification
    private let socket: Int32
    private var programs: [(id: UInt32, pid: pid_t)] = []
    private var lastID: UInt32 = 0
    private var isTold = true
    private var lastOrphan: (how: UInt32, value: UInt32) = (0, 0)

    init(_ specification: Specification) {
        self.specification = specification
        socket = specification.status
    }

    /// Serves until the other end of the socket has gone; then ends, and the kernel ends the rest of a process namespace.
    mutating func serve() throws(Failure) -> Never {
        // The programs have the same user: /proc must not be their way to this socket.
        if aurora_launcher_close_memory() != 0 { throw Failure(.keeper, "its memory cannot be closed") }
        if specification.isReaper, aurora_launcher_adopt_orphans() != 0 {
            throw Failure(.keeper, "it adopts no orphans")
        }
        let children = aurora_launcher_watch_children()
        guard children >= 0 else { throw Failure(.keeper, "it cannot watch its children") }
        write("ready\n", to: socket)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Keeper.packetLimit, alignment: 8)
        while true {
            var entries = [
                pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
                pollfd(fd: children, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&entries, 2, -1) < 0 { continue }
            // Ends first: an id that is asked for again is known to be free by then.
            if entries[1].revents != 0 {
                _ = Glibc.read(children, buffer.baseAddress, 1024)
                collect()
            }
            if entries[0].revents != 0 { takeRequest(buffer) }
        }
    }

    private mutating func takeRequest(_ buffer: UnsafeMutableRawBufferPointer) {
        var streams: [Int32] = [-1, -1, -1]
        var count: Int32 = 0
        let size = aurora_launcher_receive(socket, buffer.baseAddress, buffer.count, &streams, 3, &count, 1)
        if size < 0, errno == EINTR || errno == EAGAIN { return }
        guard size > 0 else { end() }
        defer { for stream in streams.prefix(Int(count)) { close(stream) } }
        guard size >= 8 else { return }
        let id = word(1, in: buffer)
        switch word(0, in: buffer) {
        case 1 where count == 3: run(id, UnsafeMutableRawBufferPointer(rebasing: buffer[8..<size]), streams)
        case 2 where size == 12: signal(id, Int32(bitPattern: word(2, in: buffer)))
        case 3 where size == 12: signalAll(Int32(bitPattern: word(2, in: buffer)))
        default: tell(3, id, 0, UInt32(EINVAL))
        }
    }

    private mutating func run(_ id: UInt32, _ text: UnsafeMutableRawBufferPointer, _ streams: [Int32]) {
        lastID = id
        if isTold { lastOrphan = (0, 0) }
        isTold = false
        guard text.last == 0, let base = text.baseAddress else { return tell(3, id, 0, UInt32(EINVAL)) }
        let child = aurora_launcher_fork()
        if child == 0 { become(id, base.assumingMemoryBound(to: CChar.self), text.count, streams) }
        if child < 0 {
            tell(3, id, 0, UInt32(bitPattern: errno))
            tellWhenEmpty()
        } else {
            programs.append((id, child))
        }
    }

    /// In the child: a session of its own, the streams that came along, and the program.
    private func become(_ id: UInt32, _ text: UnsafeMutablePointer<CChar>, _ size: Int, _ streams: [Int32]) -> Never {
        setsid()
        // The last resort where no process namespace ends with the keeper.
        if specification.isReaper { _ = aurora_launcher_die_with_parent() }
        aurora_launcher_unblock_signals()
        var failed = false
        for (index, stream) in streams.enumerated() where dup2(stream, Int32(index)) < 0 { failed = true }
        var arguments: [UnsafeMutablePointer<CChar>?] = []
        var next = text
        while next < text + size {
            arguments.append(next)
            next += strlen(next) + 1
        }
        arguments.append(nil)
        let environment = specification.environment.map {
            UnsafeMutablePointer<CChar>?(UnsafeMutablePointer(mutating: $0))
        }
        if !failed { execve(text, arguments, environment + [nil]) }
        tell(3, id, 0, UInt32(bitPattern: errno))
        _exit(127)
    }

    private func signal(_ id: UInt32, _ number: Int32) {
        guard let pid = programs.first(where: { $0.id == id })?.pid else { return }
        // It may not have made its group yet.
        if kill(-pid, number) != 0 { kill(pid, number) }
    }

    private func signalAll(_ number: Int32) {
        // As the first of its process namespace it reaches exactly the room; elsewhere it walks its own children.
        if !specification.isReaper { kill(-1, number) } else { Descendants.signal(number) }
    }

    private mutating func collect() {
        while true {
            var how: Int32 = 0
            var value: Int32 = 0
            let child = aurora_launcher_reap(&how, &value)
            if child <= 0 { break }
            guard let index = programs.firstIndex(where: { $0.pid == child }) else {
                lastOrphan = (UInt32(bitPattern: how), UInt32(bitPattern: value))
                continue
            }
            let id = programs.remove(at: index).id
            tell(1, id, UInt32(bitPattern: how), UInt32(bitPattern: value))
        }
        tellWhenEmpty()
    }

    private mutating func tellWhenEmpty() {
        if isTold || waitid(P_ALL, 0, nil, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD { return }
        isTold = true
        tell(2, lastID, lastOrphan.how, lastOrphan.value)
    }

    private func tell(_ kind: UInt32, _ id: UInt32, _ how: UInt32, _ value: UInt32) {
        let words = [kind, id, how, value]
        _ = words.withUnsafeBytes { Glibc.write(socket, $0.baseAddress, $0.count) }
    }

    private func end() -> Never {
        if specification.isReaper { Descendants.end() }
        _exit(0)
    }

    private func word(_ index: Int, in buffer: UnsafeMutableRawBufferPointer) -> UInt32 {
        buffer.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
    }
}
