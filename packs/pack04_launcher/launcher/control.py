"""Asks the local core over its control socket: how packs stand, start them, stop them, ask for their health.

The socket is in the pack's room only when an operator granted `core-control`. Format: docs/formats/core-socket.md.

Command line: `python -m launcher.control ROOT status|start|stop|health [PACK…]`; prints what the core answers.
"""
from __future__ import annotations

import json
import os
import socket
import struct
import sys

LARGEST = 4 << 20


class CoreError(Exception):
    """The core refused: `code` for programs, the text for people."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def socket_path(root):
    """Where the core listens, seen from a pack's folder."""
    return os.path.join(root, "..", "..", "run", "core.sock")


class Core:
    """A connection to the core."""

    def __init__(self, path, timeout=60):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def ask(self, op, **members):
        """Sends one request; the answer without its envelope."""
        text = json.dumps({"v": 1, "op": op, **members}).encode()
        self._socket.sendall(struct.pack(">I", len(text)) + text)
        (length,) = struct.unpack(">I", self._receive(4))
        if length > LARGEST:
            raise CoreError("bad_answer", f"the core announces {length} bytes")
        answer = json.loads(self._receive(length))
        if not answer.get("ok"):
            error = answer.get("error", {})
            raise CoreError(error.get("code", "failed"), error.get("message", "the core gave no reason"))
        return answer

    def _receive(self, count):
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise CoreError("closed", "the core closed the connection")
            data += part
        return data


def main(arguments):
    root, verb, *packs = arguments
    try:
        with Core(socket_path(root)) as core:
            if verb == "health":
                answers = {pack: core.ask("health", pack=pack)["health"] for pack in packs}
                print(json.dumps(answers, indent=2, sort_keys=True))
                return 0 if all(answer["passed"] for answer in answers.values()) else 1
            members = {"packs": packs} if packs else {}
            print(json.dumps(core.ask(verb, **members)["packs"], indent=2, sort_keys=True))
    except (CoreError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
