import AuroraSystem
import Glibc

/// The web servers Aurora is measured against; both serve the files of one folder.
enum PeerServers {
    /// nginx with one worker, sendfile, an open file cache and no log; large files in one call as it does best.
    static func nginx(_ bench: Bench, root: String) -> Peer { Peer { try startNginx(bench, root: root) } }

    /// Python's `http.server`, as `python3 -m http.server` starts it.
    static func python(_ bench: Bench, root: String) -> Peer { Peer { try startPython(bench, root: root) } }

    private static func startNginx(_ bench: Bench, root: String) throws -> ServerProcess {
        let port = try Loopback.freePort()
        let home = "\(root)-nginx"
        try DurableFile.makeDirectory(home)
        let configuration = """
            worker_processes 1; daemon off; pid \(home)/pid; error_log \(home)/error; worker_rlimit_nofile 20000;
            \(geteuid() == 0 ? "user root;" : "")
            events { worker_connections 12000; }
            http {
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 300;
              open_file_cache max=64; default_type application/json;
              client_body_temp_path \(home)/body; proxy_temp_path \(home)/proxy; fastcgi_temp_path \(home)/fastcgi;
              uwsgi_temp_path \(home)/uwsgi; scgi_temp_path \(home)/scgi;
              server {
                listen 127.0.0.1:\(port) backlog=4096; root \(root);
                location = /large { tcp_nopush off; sendfile_max_chunk 0; }
              }
            }

            """
        try DurableFile.replace("\(home)/nginx.conf", contents: Array(configuration.utf8))
        return try ServerProcess(
            try Tool.require("nginx"), ["-p", home, "-e", "\(home)/error", "-c", "\(home)/nginx.conf"], port: port,
            core: bench.cores?.server, log: "\(home)/out")
    }

    private static func startPython(_ bench: Bench, root: String) throws -> ServerProcess {
        let port = try Loopback.freePort()
        return try ServerProcess(
            try Tool.require("python3"),
            ["-m", "http.server", "--bind", "127.0.0.1", "--directory", root, String(port)], port: port,
            core: bench.cores?.server, log: "\(root)-python")
    }
}

/// A program we are measured against, or the reason why it is not there.
struct Peer {
    let server: ServerProcess?
    private let reason: String

    init(_ start: () throws -> ServerProcess) {
        do {
            server = try start()
            reason = ""
        } catch {
            server = nil
            reason = "\(error)"
        }
    }

    /// The peer's cell of a row.
    func cell(_ name: String, _ text: String) -> String {
        server == nil ? "\(name) not measured: \(reason.prefix(80))" : "\(name): \(text)"
    }

    func stop() { server?.stop() }
}
