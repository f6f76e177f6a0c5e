private import COpenSSL
private import Glibc

/// SHA-256 of bytes that arrive in pieces (FIPS 180-4), computed by OpenSSL's `EVP_Digest*`.
///
/// A value like any other: a copy continues on its own. Use it from one thread at a time; copies are independent.
package struct SHA256: Sendable {
    /// The length of a digest in bytes.
    package static let byteCount = 32

    private var context: DigestContext

    /// Starts an empty digest; traps only when memory is exhausted.
    package init() {
        context = DigestContext()
    }

    /// Adds `bytes` to the digest.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if !isKnownUniquelyReferenced(&context) { context = context.copy() }
        context.update(bytes)
    }

    /// Adds `bytes` to the digest.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Adds `bytes` to the digest.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Returns the 32 bytes of the digest and starts a new, empty one.
    package mutating func finalize() -> [UInt8] {
        if !isKnownUniquelyReferenced(&context) { context = context.copy() }
        let digest = context.finish()
        context = DigestContext()
        return digest
    }

    /// Returns the digest of all of `bytes` at once.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { output, count in
            guard EVP_Digest(bytes.baseAddress, bytes.count, output.baseAddress, nil, SHA256Algorithm.pointer, nil) == 1
            else { memoryExhausted("EVP_Digest") }
            count = byteCount
        }
    }

    /// Returns the digest of all of `bytes` at once.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// Returns the digest of all of `bytes` at once.
    package static func hash(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// Hashes an open file from its first byte to its end, whatever its position is.
    ///
    /// Reads with `pread(2)` by 64 KiB, so the descriptor's position does not move. Blocks; about 1.7 GB/s.
    /// - Returns: The digest and the number of bytes read.
    /// - Throws: ``CryptoError/read(errno:)`` when the file cannot be read.
    package static func hashFile(descriptor: Int32) throws(CryptoError) -> (digest: [UInt8], byteCount: UInt64) {
        var hash = SHA256()
        var offset: UInt64 = 0
        var failure: Int32?
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while true {
                let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
                let code = errno
                if count < 0 && code == EINTR { continue }
                guard count > 0 else {
                    failure = count < 0 ? code : nil
                    return
                }
                hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                offset += UInt64(count)
            }
        }
        if let failure { throw .read(errno: failure) }
        return (hash.finalize(), offset)
    }
}

/// The algorithm object, fetched once: a fetch for each digest costs more than hashing a small message.
///
/// Unchecked: never changed or freed after the fetch, and OpenSSL lets every thread use it.
private final class SHA256Algorithm: @unchecked Sendable {
    private static let shared = SHA256Algorithm()
    private let algorithm: OpaquePointer

    static var pointer: OpaquePointer { shared.algorithm }

    private init() {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else { memoryExhausted("EVP_MD_fetch") }
        self.algorithm = algorithm
    }
}

/// Owns one `EVP_MD_CTX`; a class because the address must stay.
///
/// Unchecked: only `SHA256` holds it, and a mutation first makes sure that it is the only holder.
private final class DigestContext: @unchecked Sendable {
    private let handle: OpaquePointer

    init() {
        guard let handle = EVP_MD_CTX_new(), EVP_DigestInit_ex2(handle, SHA256Algorithm.pointer, nil) == 1 else {
            memoryExhausted("EVP_MD_CTX_new")
        }
        self.handle = handle
    }

    func copy() -> DigestContext {
        let other = DigestContext()
        guard EVP_MD_CTX_copy_ex(other.handle, handle) == 1 else { memoryExhausted("EVP_MD_CTX_copy_ex") }
        return other
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        guard EVP_DigestUpdate(handle, bytes.baseAddress, bytes.count) == 1 else {
            memoryExhausted("EVP_DigestUpdate")
        }
    }

    func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, count in
            guard EVP_DigestFinal_ex(handle, output.baseAddress, nil) == 1 else {
                memoryExhausted("EVP_DigestFinal_ex")
            }
            count = SHA256.byteCount
        }
    }

    deinit {
        EVP_MD_CTX_free(handle)
    }
}
