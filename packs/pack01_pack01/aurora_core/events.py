"""An append-only log of events: one JSON object a line, bounded, readable after a crash.

A line counts when it ends with a newline: whatever a crash left behind it is cut off before the next append.
"""
import fcntl
import json
import os
import time
from pathlib import Path


class EventLog:
    """Events in `path`, with one older file beside it; each of the two has at most `limit` bytes."""

    def __init__(self, path, limit=1 << 20):
        self.path = Path(path)
        self.older = self.path.with_suffix(self.path.suffix + ".1")
        self.limit = limit

    def append(self, kind, **facts):
        """Adds one event durably: when this returns it survives a power cut."""
        event = {"time": time.time(), "kind": kind, **facts}
        line = json.dumps(event, sort_keys=True, ensure_ascii=False).encode() + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path.parent / (self.path.name + ".lock"), "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._rotate(len(line))
            with open(self.path, "a+b") as file:
                self._cut_torn_line(file)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        return event

    def last(self, count):
        """The newest `count` events, oldest first."""
        events = []
        for path in (self.older, self.path):
            try:
                lines = path.read_bytes().split(b"\n")[:-1]
            except FileNotFoundError:
                continue
            for line in lines:
                try:
                    events.append(json.loads(line))
                except ValueError:
                    continue
        return events[-count:] if count > 0 else []

    def _rotate(self, coming):
        if self.path.exists() and self.path.stat().st_size + coming > self.limit:
            os.replace(self.path, self.older)

    @staticmethod
    def _cut_torn_line(file):
        end = file.seek(0, os.SEEK_END)
        start = max(0, end - (1 << 16))
        file.seek(start)
        tail = file.read()
        if tail and not tail.endswith(b"\n"):
            file.truncate(start + tail.rfind(b"\n") + 1)
