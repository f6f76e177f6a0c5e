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


STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
table { width: 100%; border-collapse: collapse }
th, td { padding: .4rem .8rem .4rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #8886 }
td:nth-child(3) { font-weight: 600 }
.wrong { color: #c0392b }
"""


def page(told):
    """Every service with its state and why, made anew by the browser every five seconds."""
    services = told["services"]
    rows = "".join(row(pack, services[pack]) for pack in sorted(services))
    if not rows:
        rows = "<tr><td colspan=4>Nothing is known: no core runs, or it runs no packs.</td></tr>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="refresh" content="5"><title>Device status</title><style>{STYLE}</style>'
        f"<h1>Services</h1><p>{html.escape(machine(told['device']))}</p>"
        "<table><thead><tr><th>Pack</th><th>Version</th><th>State</th><th>Why</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></html>\n")


def row(pack, service):
    cells = [html.escape(str(text)) for text in
             (pack, service.get("version", ""), service.get("state", ""), service.get("detail", ""))]
    kind = "" if service.get("state") == "READY" else ' class="wrong"'
    return f"<tr><td>{cells[0]}</td><td>{cells[1]}</td><td{kind}>{cells[2]}</td><td>{cells[3]}</td></tr>"


def machine(device):
    """One line about the machine, of the facts that are there."""
    facts = [
        (device.get("board") or {}).get("model"), (device.get("platform") or {}).get("name"), device.get("machine")]
    return ", ".join(str(fact) for fact in facts if fact)


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
