"""Runs another program: nothing inherited but what is named, bounded in time and output, ended with all its children."""
from __future__ import annotations

import os
import signal
import subprocess
import threading
from dataclasses import dataclass


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
        """Runs `command`, a list, without a shell; at most `limit` bytes of each stream are kept, all are read."""
        try:
            child = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            return Result(error=str(error))
        readers = [_Reader(child.stdout, limit), _Reader(child.stderr, limit)]
        timed_out = False
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
        # Children that outlived it must not keep the pipes open, nor anything else.
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        code = child.wait()
        for reader in readers:
            reader.join()
        return Result(
            code=code if code >= 0 and not timed_out else None, signal=-code if code < 0 and not timed_out else None,
            timed_out=timed_out, output=readers[0].kept, error_output=readers[1].kept,
            truncated=any(reader.truncated for reader in readers))


class _Reader(threading.Thread):
    """Reads a pipe to its end and keeps the beginning."""

    def __init__(self, stream, limit):
        super().__init__(daemon=True)
        self.kept = b""
        self.truncated = False
        self._stream = stream
        self._limit = limit
        self.start()

    def run(self):
        with self._stream:
            while part := self._stream.read1(1 << 16):
                room = self._limit - len(self.kept)
                self.kept += part[:room]
                self.truncated = self.truncated or len(part) > room
