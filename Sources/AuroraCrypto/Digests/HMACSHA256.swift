private import COpenSSL

/// HMAC with SHA-256 (RFC 2104), computed by OpenSSL's `HMAC`.
package enum HMACSHA256 {
    /// Returns the 32-byte code of `message` under `key`; a key may have any length, 32 bytes are good.
    package static func code(for message: [UInt8], key: [UInt8]) -> [UInt8] {
        // OpenSSL reads an empty key given as a null pointer as "the key of the last call".
        let safeKey = key.isEmpty ? [0] : key
        return [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { output, count in
            let done = HMAC(
                EVP_sha256(), safeKey, Int32(safeKey.count), message, message.count, output.baseAddress, nil)
            guard done != nil else { memoryExhausted("HMAC") }
            count = SHA256.byteCount
        }
    }

    /// Tells whether `code` is the code of `message` under `key`, in time that does not depend on where they differ.
    package static func isValid(_ code: [UInt8], for message: [UInt8], key: [UInt8]) -> Bool {
        ConstantTime.equal(code, self.code(for: message, key: key))
    }
}
