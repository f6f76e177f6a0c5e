import CShims
import Glibc

/// One `posix_spawn(3)` with nothing inherited: own session, default signals, exact descriptors and environment.
struct Spawn {
    let spec: ProcessSpec
    /// The child's standard streams: parent descriptors for 0, 1 and 2.
    let streams: (Int32, Int32, Int32)

    /// Starts the child and returns its process id.
    ///
    /// - Throws: the reason of a failed `execve` too, for example `ENOENT`.
    func start() throws(SystemError) -> pid_t {
        guard spec.executable.utf8.first == UInt8(ascii: "/") else {
            throw SystemError(operation: "posix_spawn", path: spec.executable, errno: EINVAL)
        }
        let standard: [(child: Int32, parent: Int32)] = [(0, streams.0), (1, streams.1), (2, streams.2)]
        let wanted = standard + spec.descriptors
        let last = wanted.map(\.child).max() ?? 2
        // Copies above every wanted number first: then no dup2 can overwrite a source that is still needed.
        var copies: [(child: Int32, copy: Int32)] = []
        defer { for entry in copies { close(entry.copy) } }
        for (child, parent) in wanted {
            copies.append((child, try check("dup", spec.executable) { aurora_duplicate(parent, last + 1) }))
        }
        return try spawn(copies, last: last)
    }

    private func spawn(_ copies: [(child: Int32, copy: Int32)], last: Int32) throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for entry in copies { posix_spawn_file_actions_adddup2(&actions, entry.copy, entry.child) }
        for number in 3...max(3, last) where !copies.contains(where: { $0.child == number }) {
            posix_spawn_file_actions_addclose(&actions, number)
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, last + 1)
        if let folder = spec.workingDirectory { posix_spawn_file_actions_addchdir_np(&actions, folder) }
        return try execute(&actions)
    }

    private func execute(_ actions: inout posix_spawn_file_actions_t) throws(SystemError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let flags = (spec.sharesGroup ? 0 : AURORA_SPAWN_SETSID) | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)

        let environment = spec.environment.map { "\($0.key)=\($0.value)" }.sorted()
        var pid: pid_t = 0
        let code = withCStrings([spec.executable] + spec.arguments) { arguments in
            withCStrings(environment) { variables in
                posix_spawn(&pid, spec.executable, &actions, &attributes, arguments, variables)
            }
        }
        if code != 0 { throw SystemError(operation: "posix_spawn", path: spec.executable, errno: code) }
        return pid
    }
}

/// Lends `strings` as a C array of C strings that ends with a null pointer.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let array = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { array.advanced(by: index).initialize(to: strdup(string)) }
    array.advanced(by: strings.count).initialize(to: nil)
    defer {
        for index in strings.indices { free(array[index]) }
        array.deallocate()
    }
    return body(array)
}
