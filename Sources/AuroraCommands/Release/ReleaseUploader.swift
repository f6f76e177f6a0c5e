import AuroraCrypto
import AuroraModel
import AuroraSystem

/// `aurora release upload`: artifacts and the small files that belong to them.
struct ReleaseUploader {
    let invocation: Invocation

    /// Files that pair with an artifact by name.
    private static let sidecars = [".sha256", ".asc", ".release.json", ".release.json.asc"]

    /// Sends everything; the small files first, so that the artifact can be staged as soon as it is there.
    func upload() throws -> ExitCode {
        let hub = try invocation.hub()
        var sent: [JSONValue] = []
        for artifact in invocation.line.words("file") {
            if !invocation.line.has("alone") {
                for path in Self.sidecars.map({ artifact + $0 }) where LocalFile.exists(path) {
                    sent.append(try send(path, hub))
                }
            }
            sent.append(try send(artifact, hub))
        }
        var table = TextTable("FILE", "SHA256", "SIZE")
        for item in sent {
            table.add(item.text("filename"), item.text("sha256"), ByteCount.text(item["size"]?.integer ?? 0))
        }
        invocation.console.show("ArtifactList", list: sent, name: "sha256", table: table, empty: "")
        if let last = sent.last { invocation.console.note("  next: aurora release stage \(last.text("filename"))") }
        return .success
    }

    private func send(_ path: String, _ hub: HubClient) throws -> JSONValue {
        let (digest, size) = try ArtifactFile.measure(path)
        let upload = FileUpload(
            hub: hub, path: path, digest: digest, size: size,
            progress: Progress(LocalFile.name(path), on: invocation.console))
        return size <= FileUpload.pieceSize ? try upload.whole() : try upload.inPieces()
    }
}

/// One file on its way to the hub.
struct FileUpload {
    let hub: HubClient
    let path: String
    let digest: Digest
    let size: Int64
    let progress: Progress

    /// Larger files go in pieces of this size, each durable before the next.
    static let pieceSize: Int64 = 32 << 20

    private var digestHeader: (name: String, value: String) {
        ("Repr-Digest", "sha-256=:\(Base64.encode(digest.bytes)):")
    }

    /// The file in one request.
    func whole() throws -> JSONValue {
        let total = size
        let shown = progress
        let body = HubRequest.Body.file(path: path) { shown.update(done: $0, total: total, unit: .bytes) }
        let target = "/api/v1/artifacts" + URLText.path(LocalFile.name(path))
        return try hub.send(HubRequest(method: "PUT", target: target, headers: [digestHeader], body: body)).json()
    }

    /// The file by the resumable-upload protocol: what has arrived stays, whatever happens to the connection.
    func inPieces() throws -> JSONValue {
        let query = URLText.query([("filename", LocalFile.name(path))])
        let begun = try hub.send(
            HubRequest(
                method: "POST", target: "/api/v1/uploads" + query,
                headers: [("Upload-Complete", "?0"), ("Upload-Length", String(size))]))
        let target = try location(begun)
        let file: Descriptor
        do {
            file = try Descriptor.open(path, .readOnly)
        } catch {
            throw LocalFile.failure("cannot read \(path)", error)
        }
        var offset: Int64 = 0
        var failures = 0
        while true {
            do {
                let response = try sendPiece(
                    file.pread(Int(min(Self.pieceSize, size - offset)), at: offset), at: offset, to: target)
                if offset + Self.pieceSize >= size { return try response.json() }
                offset += Self.pieceSize
                failures = 0
            } catch let error as CommandError where error.exit == .unreachable && failures < 5 {
                failures += 1
                offset = try resumedOffset(target)
            }
            progress.update(done: offset, total: size, unit: .bytes)
        }
    }

    private func sendPiece(_ bytes: [UInt8], at offset: Int64, to target: String) throws -> HubResponse {
        let isLast = offset + Int64(bytes.count) >= size
        var headers: [(name: String, value: String)] = [
            ("Upload-Offset", String(offset)), ("Upload-Complete", isLast ? "?1" : "?0"),
        ]
        if isLast { headers.append(digestHeader) }
        return try hub.send(
            HubRequest(
                method: "PATCH", target: target, headers: headers,
                body: .bytes(bytes, type: "application/partial-upload")))
    }

    private func resumedOffset(_ target: String) throws -> Int64 {
        let response = try hub.send(HubRequest(method: "HEAD", target: target))
        guard let offset = response.header("Upload-Offset").flatMap({ Int64($0) }), (0...size).contains(offset) else {
            throw CommandError("the hub does not say how much of \(path) has arrived", code: "bad_answer")
        }
        return offset
    }

    /// The path of the new upload; an absolute address is taken only where it is this hub's.
    private func location(_ response: HubResponse) throws -> String {
        let location = response.header("Location") ?? ""
        let path = location.hasPrefix(hub.base) ? String(location.dropFirst(hub.base.count)) : location
        guard path.hasPrefix("/") else { throw CommandError("the hub names no upload", code: "bad_answer") }
        return path
    }
}
