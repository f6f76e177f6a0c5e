private import CSodium

/// Start of libsodium, and what all users of it share.
enum Sodium {
    private static let isReady = sodium_init() >= 0

    /// Starts the library once per process; every entry point calls this first, from any thread.
    static func start() {
        precondition(isReady, "libsodium could not start: the kernel's random source is not available")
    }

    /// Overwrites `bytes` with zeros in a way the compiler keeps (`sodium_memzero`).
    static func wipe(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { buffer in
            if let address = buffer.baseAddress { sodium_memzero(address, buffer.count) }
        }
    }

    /// Returns `count` unpredictable bytes (`randombytes_buf`).
    static func randomBytes(_ count: Int) -> [UInt8] {
        start()
        return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            if let address = output.baseAddress { randombytes_buf(address, count) }
            initialized = count
        }
    }

    /// Gives `body` the address of secret characters that may be none: Swift has no address for an empty array.
    static func withCharacters<T>(of secret: [UInt8], _ body: (UnsafePointer<CChar>) -> T) -> T {
        let first = CChar(bitPattern: secret.first ?? 0)
        return secret.withUnsafeBytes { bytes in
            guard let address = bytes.bindMemory(to: CChar.self).baseAddress else {
                return withUnsafePointer(to: first, body)
            }
            return body(address)
        }
    }
}
