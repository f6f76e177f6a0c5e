private import COpenSSL

/// Comparison of secrets without telling by its duration where they differ.
package enum ConstantTime {
    /// Tells whether both are equal (`CRYPTO_memcmp`); only the lengths can be learnt from the time it takes.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
