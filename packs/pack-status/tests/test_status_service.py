import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
CORE = ROOT.parent / "pack01_pack01"
sys.path[:0] = [str(ROOT), str(CORE)]

from aurora_core.places import Places  # noqa: E402
from aurora_core.resident import Resident  # noqa: E402
from status_service import server  # noqa: E402


def has_network():
    """Whether sockets can be made at all: a rehearsal has no network."""
    try:
        socket.socket(socket.AF_INET).close()
    except OSError:
        return False
    return True


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name, "packs", "x")
        (self.root / "data").mkdir(parents=True)
        self.status = Path(folder.name, "run", "status")
        self.status.mkdir(parents=True)


class AnswerTests(Folder):
    def ask(self, path):
        """One request to the handler over a pair of sockets, without any network."""
        mine, its = socket.socketpair()
        with mine, its:
            serve = threading.Thread(target=server.handler(Places(self.root)), args=(its, "", None))
            serve.start()
            mine.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            mine.shutdown(socket.SHUT_WR)
            serve.join(20)
            its.shutdown(socket.SHUT_WR)
            head, _, body = b"".join(iter(lambda: mine.recv(1 << 16), b"")).partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def test_the_services_are_told_to_programs_and_people(self):
        listed = {"packs": [{"pack": "demo", "version": "1.2.0", "state": "<READY>", "detail": "ready"}]}
        (self.status / "packs.json").write_text(json.dumps(listed))
        code, text = self.ask("/status.json")
        self.assertEqual((code, json.loads(text)["services"]["demo"]["state"]), (200, "<READY>"))
        code, text = self.ask("/")
        self.assertEqual(code, 200)
        self.assertIn('<td>demo</td><td>1.2.0</td><td class="wrong">&lt;READY&gt;</td><td>ready</td>', text)

    def test_the_machine_is_named_by_what_is_known_of_it(self):
        facts = {"platform": {"name": "Debian <12>"}, "board": {"model": ""}, "machine": "aarch64"}
        (self.status / "device.json").write_text(json.dumps(facts))
        self.assertIn("<p>Debian &lt;12&gt;, aarch64</p>", self.ask("/")[1])

    def test_without_a_core_the_page_says_so(self):
        code, text = self.ask("/")
        self.assertEqual(code, 200)
        self.assertIn("no core runs", text)

    def test_other_paths_are_not_there(self):
        self.assertEqual(self.ask("/etc/passwd")[0], 404)


@unittest.skipUnless(has_network(), "no network in here")
class ServerTests(Folder):
    def test_health_asks_the_running_server(self):
        child = subprocess.Popen(
            [sys.executable, "-m", "status_service.server", str(self.root)],
            env={**os.environ, "PYTHONPATH": f"{ROOT}:{CORE}", "STATUS_PORT": "0"})
        self.addCleanup(lambda: (child.terminate(), child.wait(20)))
        end = time.monotonic() + 20
        while server.health(Places(self.root)) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(server.main(["health", str(self.root)]), 0)
        self.assertTrue(Resident(self.root / "data").stop())
        self.assertEqual(server.main(["health", str(self.root)]), 1)


if __name__ == "__main__":
    unittest.main()
