import CCurl
import Glibc

/// One libcurl easy handle; used by one thread at a time, which the client's pool sees to.
final class EasyHandle: @unchecked Sendable {
    /// Set once; only the thread that took this object from the pool uses it.
    private let handle: UnsafeMutableRawPointer
    private(set) var redirectTarget: String?

    /// `CURL_GLOBAL_ALL`, a macro Swift does not see.
    private static let globalAll = 3

    /// `curl_global_init` must run once before any handle; a static is initialised once on any thread.
    private static let isLibraryReady: Bool = curl_global_init(globalAll) == CURLE_OK

    init?() {
        guard Self.isLibraryReady, let made = curl_easy_init() else { return nil }
        handle = made
    }

    deinit {
        curl_easy_cleanup(handle)
    }

    /// Sends one request and collects its answer.
    func perform(
        _ request: ClientRequest, download: ClientDownload, configuration: ClientConfiguration
    ) throws(FetchError) -> ClientResponse {
        guard let parts = URLParts(request.url), ["http", "https"].contains(parts.scheme) else {
            throw .request("'\(request.url)' is not an absolute http or https address")
        }
        guard !parts.hasUserInformation else {
            throw .request("the address carries a user name or password; send them in a header")
        }
        let doing = "\(request.method) \(parts.scheme)://\(parts.host):\(parts.port)\(parts.path)"
        let transfer = try Transfer(body: request.body, download: download)
        curl_easy_reset(handle)
        let lists = try configure(request, transfer: transfer, configuration: configuration)
        defer { for list in lists { curl_slist_free_all(list) } }
        var errorText = [CChar](repeating: 0, count: 256)
        let code = errorText.withUnsafeMutableBufferPointer { buffer in
            aurora_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            let code = withExtendedLifetime(transfer) { curl_easy_perform(handle) }
            aurora_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil)
            return code
        }
        redirectTarget = text(CURLINFO_REDIRECT_URL)
        if let failure = transfer.failure(doing: doing) { throw failure }
        guard code == CURLE_OK || (code == CURLE_WRITE_ERROR && transfer.wasEndedByReader) else {
            let own = String(decoding: errorText.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let message = own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
            throw .transfer(code: Int32(code.rawValue), message: message, doing: doing)
        }
        return try transfer.finish()
    }

    private func text(_ info: CURLINFO) -> String? {
        var text: UnsafePointer<CChar>?
        guard aurora_curl_get_string(handle, info, &text) == CURLE_OK, let text else { return nil }
        return String(cString: text)
    }

    /// Sets every option of a request; gives back the lists to free after it.
    private func configure(
        _ request: ClientRequest, transfer: Transfer, configuration: ClientConfiguration
    ) throws(FetchError) -> [UnsafeMutablePointer<curl_slist>] {
        aurora_curl_set_string(handle, CURLOPT_URL, request.url)
        aurora_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        aurora_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        aurora_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        aurora_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        aurora_curl_set_string(handle, CURLOPT_USERAGENT, configuration.userAgent)
        aurora_curl_set_string(
            handle, CURLOPT_NOPROXY, configuration.usesProxyEnvironment ? "localhost,127.0.0.1,::1" : "*")
        aurora_curl_set_long(handle, CURLOPT_BUFFERSIZE, 256 * 1024)
        aurora_curl_set_long(handle, CURLOPT_UPLOAD_BUFFERSIZE, 256 * 1024)
        setTimes(configuration)
        setTrust(configuration)
        transfer.install(on: handle)
        setMethod(request, transfer: transfer)
        return try setHeaders(request, transfer: transfer)
    }

    private func setTimes(_ configuration: ClientConfiguration) {
        aurora_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.milliseconds)
        if let timeout = configuration.timeout {
            aurora_curl_set_long(handle, CURLOPT_TIMEOUT_MS, timeout.milliseconds)
        }
        if let stall = configuration.stallTimeout {
            aurora_curl_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
            aurora_curl_set_long(handle, CURLOPT_LOW_SPEED_TIME, max(1, stall.milliseconds / 1000))
        }
    }

    private func setTrust(_ configuration: ClientConfiguration) {
        aurora_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1)
        aurora_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2)
        aurora_curl_set_long(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let caFile = configuration.caFile {
            aurora_curl_set_string(handle, CURLOPT_CAINFO, caFile)
            aurora_curl_set_string(handle, CURLOPT_CAPATH, nil)
        }
        if let client = configuration.clientCertificate {
            aurora_curl_set_string(handle, CURLOPT_SSLCERT, client.certificate)
            aurora_curl_set_string(handle, CURLOPT_SSLKEY, client.privateKey)
        }
    }

    private func setMethod(_ request: ClientRequest, transfer: Transfer) {
        if request.method == "HEAD" {
            aurora_curl_set_long(handle, CURLOPT_NOBODY, 1)
            return
        }
        let wantsBody = ["POST", "PUT", "PATCH"].contains(request.method)
        if let length = transfer.uploadLength ?? (wantsBody ? 0 : nil) {
            aurora_curl_set_long(handle, CURLOPT_UPLOAD, 1)
            aurora_curl_set_offset(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(length))
        }
        aurora_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func setHeaders(
        _ request: ClientRequest, transfer: Transfer
    ) throws(FetchError) -> [UnsafeMutablePointer<curl_slist>] {
        var list: UnsafeMutablePointer<curl_slist>?
        for (name, value) in request.headers + transfer.extraHeaders {
            let isClean = (name + value).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            guard isClean, !name.isEmpty, !name.contains(":") else {
                curl_slist_free_all(list)
                throw .request("header '\(name.prefix(40))' has a control character or no usable name")
            }
            // "Name;" is libcurl's way to send a field with an empty value.
            guard let longer = curl_slist_append(list, value.isEmpty ? "\(name);" : "\(name): \(value)") else {
                curl_slist_free_all(list)
                throw .request("out of memory while the headers were made")
            }
            list = longer
        }
        aurora_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
        return list.map { [$0] } ?? []
    }
}

extension Duration {
    /// Whole milliseconds, rounded up from less than one.
    fileprivate var milliseconds: Int {
        max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
