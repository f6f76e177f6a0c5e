import AuroraFetch
import AuroraModel

extension Invocation {
    /// Requests over the network, with the certificate authorities the line names.
    func transport() throws -> Transport {
        if let givenTransport { return givenTransport }
        var configuration = ClientConfiguration()
        configuration.userAgent = "aurora/" + AuroraVersion.text
        configuration.caFile = line.value("ca-file")
        configuration.timeout = nil
        return CurlTransport(configuration: configuration).send
    }
}

/// The transport of real life: libcurl.
struct CurlTransport: Sendable {
    let configuration: ClientConfiguration

    /// Sends one request and waits for the whole answer.
    func send(_ base: String, _ request: HubRequest) throws -> HubResponse {
        var sent = ClientRequest(
            method: request.method, url: base + request.target, headers: request.headers, body: .none)
        switch request.body {
        case .none: break
        case .json(let value):
            sent.headers.append(("Content-Type", "application/json"))
            sent.body = .bytes(value.compactBytes)
        case .bytes(let bytes, let type):
            sent.headers.append(("Content-Type", type))
            sent.body = .bytes(bytes)
        case .file(let path, let progress):
            sent.headers.append(("Content-Type", "application/octet-stream"))
            sent.body = .file(path: path) { done, _ in
                progress(Int64(clamping: done))
                return true
            }
        }
        do {
            var configuration = configuration
            configuration.timeout = request.timeout.map { .seconds($0) }
            let response = try HTTPClient(configuration: configuration).perform(
                sent, download: .memory(limit: 256 << 20))
            return HubResponse(status: response.status, headers: response.headers, body: response.body)
        } catch {
            throw failure(error, base)
        }
    }

    private func failure(_ error: FetchError, _ base: String) -> CommandError {
        let remedy =
            error.isCertificateProblem
            ? "name the authority with --ca-file, or use the host name of the certificate"
            : "is it running? aurora hub start; another address: --hub URL"
        return CommandError(
            "no answer from the hub at \(base)", cause: "\(error)", remedy: remedy,
            code: error.isTimeout ? "timeout" : "unreachable", exit: error.isTimeout ? .stillRunning : .unreachable)
    }
}
