"""One resident process of a pack: started once, found again by the lock it holds, stopped by that lock's owner.

A process id in a file can belong to somebody else after a crash; a lock cannot: the kernel drops it with its owner and
tells who holds it.

Command line: `python -m aurora_core.resident status|stop|wait ROOT`, exit code 0 when the process runs (status, wait) or is
gone (stop), 1 otherwise.
"""
import fcntl
import os
import signal
import struct
import sys
import threading
import time
from pathlib import Path

LOCK_NAME = "resident.lock"
_LOCK_FORMAT = "hhqqi4x"  # struct flock on 64-bit Linux: type, whence, start, length, pid


class AlreadyRunning(Exception):
    """Another process of this pack holds the lock."""


class Resident:
    """The resident process of the pack whose writable data folder is `data`."""

    def __init__(self, data):
        self.path = Path(data) / LOCK_NAME
        self.stopping = threading.Event()
        self._file = None

    def __enter__(self):
        self._file = open(self.path, "a+b")
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise AlreadyRunning(f"{self.path} is held by process {self.owner()}") from error
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        return self

    def __exit__(self, *_):
        self._file.close()

    def every(self, seconds, work):
        """Calls `work` at once and then every `seconds` until the process is told to stop."""
        while not self.stopping.is_set():
            work()
            self.stopping.wait(seconds)

    def owner(self):
        """The process that holds the lock; None when nobody does, 0 when it is in another process namespace."""
        question = struct.pack(_LOCK_FORMAT, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        try:
            with open(self.path, "r+b") as file:
                answer = fcntl.fcntl(file, fcntl.F_GETLK, question)
        except FileNotFoundError:
            return None
        kind, _, _, _, pid = struct.unpack(_LOCK_FORMAT, answer)
        return None if kind == fcntl.F_UNLCK else max(pid, 0)

    def wait_until(self, running, timeout):
        """Waits until the process runs (or is gone); whether that came true within `timeout` seconds."""
        end = time.monotonic() + timeout
        while (self.owner() is not None) != running:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def stop(self, timeout=10):
        """Ends the process: asks first, kills after half of `timeout`; whether it is gone."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            owner = self.owner()
            if owner is None:
                return True
            if owner == 0:
                return False
            try:
                os.kill(owner, number)
            except ProcessLookupError:
                pass
            if self.wait_until(False, timeout / 2):
                return True
        return False


def main(arguments):
    verb, root = arguments
    resident = Resident(Path(root) / "data")
    if verb == "wait":
        return 0 if resident.wait_until(True, 10) else 1
    if verb == "stop":
        return 0 if resident.stop() else 1
    owner = resident.owner()
    print("not running" if owner is None else f"running as process {owner}")
    return 1 if owner is None else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
