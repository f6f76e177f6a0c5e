"""Runs another program: only what is named is inherited, time and output are bounded, all its descendants end with it."""
from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

GUARD = Path(__file__).with_name("process_guard.py")
# How long ending everything may take, and what still comes out of pipes that somebody else holds.
GRACE = 5.0


@dataclass(frozen=True)
class Result:
    """How a program ended: `code` by itself, `signal` by a signal, `timed_out` by its limit; None of both if it never began."""

    code: int | None = None
    signal: int | None = None
    timed_out: bool = False
    error: str | None = None
    output: bytes = b""
    error_output: bytes = b""
    truncated: bool = False


class PackProcess:
    """Programs of one pack, started in `folder`."""

    def __init__(self, folder, environment=None):
        self.folder = os.fspath(folder)
        self.environment = {"PATH": "/usr/bin:/bin", **(environment or {})}

    def run(self, command, timeout=30.0, limit=64 << 10):
        """Runs `command`, a list, without a shell; at most `limit` bytes of each stream are kept, all are read.

        When it returns nothing that the program started is left, detached or not.
        """
        order = {
            "command": [os.fsdecode(part) for part in command],
            "environment": {os.fsdecode(key): os.fsdecode(value) for key, value in self.environment.items()},
        }
        reading, report = os.pipe()
        told = os.fdopen(reading, "rb", buffering=0)
        try:
            # Its own program, not a fork: this process may have threads, and children that are none of ours.
            guard = subprocess.Popen(
                [sys.executable, "-I", "-S", GUARD, str(report)], cwd=self.folder, env=self.environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, pass_fds=[report],
                start_new_session=True)
        except OSError as error:
            told.close()
            return Result(error=str(error))
        finally:
            os.close(report)
        with guard.stdin, told, guard.stdout, guard.stderr:
            output, errors = _Kept(guard.stdout, limit), _Kept(guard.stderr, limit)
            answer = _Kept(told, 4096)
            timed_out = False
            try:
                with contextlib.suppress(BrokenPipeError):
                    guard.stdin.write(json.dumps(order).encode() + b"\n")
                if not _read([answer, output, errors], answer, timeout):
                    timed_out = True
                    # This tells the guard to end it all.
                    guard.stdin.close()
                    _read([answer, output, errors], answer, GRACE)
            finally:
                guard.stdin.close()
                if not answer.is_over:
                    guard.kill()
                guard.wait()
            for stream in (output, errors):
                _read([stream], stream, GRACE)
        end = json.loads(answer.bytes) if answer.bytes else {"error": "its guard was killed"}
        code = os.waitstatus_to_exitcode(end["status"]) if "status" in end and not timed_out else None
        return Result(
            code=code if code is not None and code >= 0 else None,
            signal=-code if code is not None and code < 0 else None, timed_out=timed_out,
            error=None if timed_out else end.get("error"), output=output.bytes, error_output=errors.bytes,
            truncated=output.is_truncated or errors.is_truncated)


class _Kept:
    """The beginning of what comes out of a pipe."""

    def __init__(self, stream, limit):
        self.stream = stream
        self.bytes = b""
        self.is_truncated = False
        self.is_over = False
        self._limit = limit

    def read(self):
        part = self.stream.read(1 << 16)
        room = self._limit - len(self.bytes)
        self.bytes += part[:room]
        self.is_truncated = self.is_truncated or len(part) > room
        self.is_over = not part


def _read(pipes, last, timeout):
    """Reads until `last` is at its end; False when `timeout` seconds, None without a limit, did not suffice."""
    deadline = None if timeout is None else time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            if not pipe.is_over:
                selector.register(pipe.stream, selectors.EVENT_READ, pipe)
        while not last.is_over:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            for key, _ in selector.select(left):
                key.data.read()
                if key.data.is_over:
                    selector.unregister(key.data.stream)
    return True
