import CCurl
import Synchronization

/// A blocking HTTP client on libcurl's easy interface; any number of threads may use one at once.
///
/// Certificates are checked, only `http` and `https` are spoken, and no redirect leads to another origin. Idle handles
/// keep their connections for the next request.
package final class HTTPClient: Sendable {
    private let configuration: ClientConfiguration
    private let idle = Mutex<[EasyHandle]>([])

    /// Makes a client; nothing is connected before the first request.
    package init(configuration: ClientConfiguration = ClientConfiguration()) {
        self.configuration = configuration
    }

    /// Sends a request and waits for its answer, of whatever status.
    ///
    /// - Throws: ``FetchError`` when there is no answer, it is too large, or a file cannot be used.
    package func perform(
        _ request: ClientRequest, download: ClientDownload = .memory(limit: 64 * 1024 * 1024)
    ) throws(FetchError) -> ClientResponse {
        let handle = try takeHandle()
        defer { putBack(handle) }
        var request = request
        var redirectsLeft = request.body.isEmpty ? configuration.sameOriginRedirects : 0
        while true {
            let response = try handle.perform(request, download: download, configuration: configuration)
            guard
                redirectsLeft > 0, [301, 302, 303, 307, 308].contains(response.status),
                let next = handle.redirectTarget, WebOrigin(next) == WebOrigin(request.url)
            else { return response }
            redirectsLeft -= 1
            request.url = next
        }
    }

    private func takeHandle() throws(FetchError) -> EasyHandle {
        if let handle = idle.withLock({ $0.popLast() }) { return handle }
        guard let handle = EasyHandle() else {
            throw .request("libcurl could not be started; the machine may be out of memory")
        }
        return handle
    }

    private func putBack(_ handle: EasyHandle) {
        idle.withLock { idle in
            if idle.count < 8 { idle.append(handle) }
        }
    }
}

extension ClientBody {
    fileprivate var isEmpty: Bool {
        if case .none = self { true } else { false }
    }
}
