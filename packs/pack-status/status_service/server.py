"""Serves what the local core says of this device over HTTP, on the loopback address only.

`/healthz` answers `ok`, `/status.json` the services and the device's facts, `/` the same for people. The port is
STATUS_PORT, 9720 unless set; 0 takes a free one. The address that is served stands in ROOT/data/address.

`python -m status_service.server ROOT` stays until SIGTERM; `… health ROOT` asks the running one.
"""
import html
import http.client
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aurora_core import services
from aurora_core.places import Places
from aurora_core.resident import AlreadyRunning, Resident

DEFAULT_PORT = 9720


def status(places):
    try:
        facts = json.loads((places.status / "device.json").read_text())
    except (OSError, ValueError):
        facts = {}
    return {"services": services.read(places), "device": facts}


def page(told):
    rows = "".join(
        f"<tr><td>{html.escape(pack)}</td><td>{html.escape(str(service.get('state')))}</td></tr>"
        for pack, service in sorted(told["services"].items()))
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Device status</title><h1>Services</h1>"
        f"<table><tr><th>Pack<th>State</tr>{rows}</table></html>")


def handler(places):
    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "pack-status"
        sys_version = ""

        def do_GET(self):
            path = self.path.partition("?")[0]
            if path == "/healthz":
                self._answer("text/plain", "ok\n")
            elif path == "/status.json":
                self._answer("application/json", json.dumps(status(places), sort_keys=True))
            elif path == "/":
                self._answer("text/html", page(status(places)))
            else:
                self._answer("text/plain", "there is /, /status.json and /healthz\n", 404)

        def address_string(self):
            return "-"

        def _answer(self, kind, text, code=200):
            body = text.encode()
            self.send_response(code)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    return Handler


def serve(places, resident, port):
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(places))
    server.daemon_threads = True
    (places.data / "address").write_text(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    resident.stopping.wait()
    server.shutdown()
    server.server_close()


def health(places):
    if Resident(places.data).owner() is None:
        return "the server does not run"
    try:
        address = (places.data / "address").read_text()
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        body = answer.read(16)
    except (OSError, http.client.HTTPException) as error:
        return f"the server does not answer: {error}"
    return None if (answer.status, body) == (200, b"ok\n") else f"the server answers {answer.status}"


def main(arguments):
    if arguments[0] == "health":
        problem = health(Places(arguments[1]))
        if problem:
            print(problem, file=sys.stderr)
        return 1 if problem else 0
    places = Places(arguments[0])
    try:
        with Resident(places.data) as resident:
            serve(places, resident, int(os.environ.get("STATUS_PORT", DEFAULT_PORT)))
    except (AlreadyRunning, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
