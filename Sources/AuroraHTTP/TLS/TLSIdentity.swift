import CMicrohttpd
import Glibc
import Synchronization

/// A certificate chain with its key, as GnuTLS wants them; read-only once made and kept as long as the server.
final class TLSIdentity: @unchecked Sendable {
    /// Written only in `init`; GnuTLS reads them on the socket threads.
    let certificates: UnsafeMutablePointer<gnutls_pcert_st>
    let certificateCount: UInt32
    let privateKey: gnutls_privkey_t

    /// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only (S-17).
    static let priorities =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:"
        + "+CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE"

    /// Reads both files and checks that they belong together.
    init(_ files: TLSFiles) throws(HTTPServerError) {
        try Self.checkPair(files)
        var count: UInt32 = 8
        let certificates = UnsafeMutablePointer<gnutls_pcert_st>.allocate(capacity: Int(count))
        certificates.initialize(repeating: gnutls_pcert_st(), count: Int(count))
        var code = gnutls_pcert_list_import_x509_file(
            certificates, &count, files.certificate, GNUTLS_X509_FMT_PEM, nil, nil, 0)
        guard code >= 0 else {
            certificates.deallocate()
            throw .tls(path: files.certificate, message: Self.text(code))
        }
        var key: gnutls_privkey_t?
        code = gnutls_privkey_init(&key)
        if code >= 0 {
            code = Self.importKey(files.privateKey, into: key)
        }
        guard code >= 0, let key else {
            gnutls_privkey_deinit(key)
            certificates.deallocate()
            throw .tls(path: files.privateKey, message: Self.text(code))
        }
        self.certificates = certificates
        certificateCount = count
        privateKey = key
    }

    deinit {
        for index in 0..<Int(certificateCount) {
            gnutls_pcert_deinit(certificates + index)
        }
        certificates.deallocate()
        gnutls_privkey_deinit(privateKey)
    }

    /// Loads the pair the usual way first, which checks that the key fits the certificate.
    private static func checkPair(_ files: TLSFiles) throws(HTTPServerError) {
        var credentials: gnutls_certificate_credentials_t?
        guard gnutls_certificate_allocate_credentials(&credentials) >= 0, let credentials else {
            throw .tls(path: files.certificate, message: "out of memory")
        }
        defer { gnutls_certificate_free_credentials(credentials) }
        let code = gnutls_certificate_set_x509_key_file2(
            credentials, files.certificate, files.privateKey, GNUTLS_X509_FMT_PEM, nil, 0)
        guard code >= 0 else {
            let isKey = access(files.certificate, R_OK) == 0
            throw .tls(path: isKey ? files.privateKey : files.certificate, message: text(code))
        }
    }

    private static func importKey(_ path: String, into key: gnutls_privkey_t?) -> Int32 {
        var data = gnutls_datum_t()
        let code = gnutls_load_file(path, &data)
        guard code >= 0 else { return code }
        defer {
            if let bytes = data.data {
                explicit_bzero(bytes, Int(data.size))
                free(bytes)
            }
        }
        return gnutls_privkey_import_x509_raw(key, &data, GNUTLS_X509_FMT_PEM, nil, 0)
    }

    private static func text(_ code: Int32) -> String {
        String(cString: gnutls_strerror(code))
    }
}

/// The identity a server uses now, and those it used before: handshakes under way may still hold them.
final class TLSKeeper: Sendable {
    private let identities: Mutex<[TLSIdentity]>

    init(_ first: TLSIdentity) {
        identities = Mutex([first])
    }

    var current: TLSIdentity? { identities.withLock { $0.last } }

    /// Uses `identity` for every handshake from now on.
    func replace(with identity: TLSIdentity) {
        identities.withLock { $0.append(identity) }
    }

    /// GnuTLS hands no context to its certificate callback, so it finds the keeper by the socket of the session.
    private static let bySocket = Mutex<[Int32: TLSKeeper]>([:])

    /// A connection of this keeper's server opened.
    func connectionOpened(_ socket: Int32) {
        Self.bySocket.withLock { $0[socket] = self }
    }

    /// It is about to be closed.
    func connectionClosed(_ socket: Int32) {
        Self.bySocket.withLock { _ = $0.removeValue(forKey: socket) }
    }

    /// The library's type is a function with eight parameters; see gnutls_certificate_set_retrieve_function2.
    static let retrieve:
        @convention(c) (
            gnutls_session_t?, UnsafePointer<gnutls_datum_t>?, Int32, UnsafePointer<gnutls_pk_algorithm_t>?, Int32,
            UnsafeMutablePointer<UnsafeMutablePointer<gnutls_pcert_st>?>?, UnsafeMutablePointer<UInt32>?,
            UnsafeMutablePointer<gnutls_privkey_t?>?
        ) -> Int32 = { session, _, _, _, _, certificates, count, key in
            let socket = gnutls_transport_get_int(session)
            guard let identity = TLSKeeper.bySocket.withLock({ $0[socket] })?.current else { return -1 }
            certificates?.pointee = identity.certificates
            count?.pointee = identity.certificateCount
            key?.pointee = identity.privateKey
            return 0
        }
}
