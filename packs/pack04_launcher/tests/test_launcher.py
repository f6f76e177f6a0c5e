import json
import os
import socket
import struct
import sys
import tempfile
import threading
import unittest
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT.parent / "pack01_pack01")]

from launcher import control  # noqa: E402


class DoubleOfTheCore:
    """Answers one request with given bytes and keeps the request: a double, for the client's side of the format."""

    def __init__(self, path, answer):
        self.request = None
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        connection, _ = self._listener.accept()
        with connection, self._listener:
            (length,) = struct.unpack(">I", connection.recv(4, socket.MSG_WAITALL))
            self.request = json.loads(connection.recv(length, socket.MSG_WAITALL))
            connection.sendall(self._answer)

    def wait(self):
        self._thread.join(20)


def message(value):
    text = json.dumps(value).encode()
    return struct.pack(">I", len(text)) + text


class ControlTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "core.sock")

    def test_a_request_names_its_version_and_the_answer_comes_back(self):
        core = DoubleOfTheCore(self.path, message({"v": 1, "ok": True, "packs": [{"pack": "x", "state": "READY"}]}))
        with control.Core(self.path, timeout=20) as connection:
            self.assertEqual(connection.ask("stop", packs=["x"])["packs"][0]["state"], "READY")
        core.wait()
        self.assertEqual(core.request, {"v": 1, "op": "stop", "packs": ["x"]})

    def test_a_refusal_is_an_error_with_its_code(self):
        error = {"code": "forbidden", "message": "no", "remedy": ""}
        DoubleOfTheCore(self.path, message({"v": 1, "ok": False, "error": error}))
        with control.Core(self.path, timeout=20) as connection, self.assertRaises(control.CoreError) as caught:
            connection.ask("status")
        self.assertEqual(caught.exception.code, "forbidden")

    def test_answers_that_are_no_answers_are_errors(self):
        for answer, code in ((b"", "closed"), (b"\0\0\0\x09{", "closed"), (b"\xff\xff\xff\xff", "bad_answer")):
            DoubleOfTheCore(self.path, answer)
            with control.Core(self.path, timeout=20) as connection, self.assertRaises(control.CoreError) as caught:
                connection.ask("status")
            self.assertEqual(caught.exception.code, code)
            os.unlink(self.path)

    def test_without_a_core_the_command_says_so(self):
        self.assertEqual(control.main(["/nowhere/packs/x", "status"]), 1)


if __name__ == "__main__":
    unittest.main()
