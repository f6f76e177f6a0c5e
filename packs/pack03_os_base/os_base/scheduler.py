"""Runs things later: on a clock that nobody sets, side by side, and with every failure on record."""
import heapq
import itertools
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor


class Scheduler:
    """Tasks of one process. Tasks due at the same moment start in the order they were scheduled."""

    def __init__(self, workers=4, on_failure=None):
        self.failures = []
        self._on_failure = on_failure
        self._queue = []
        self._order = itertools.count()
        self._cancelled = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="task")
        self._thread = threading.Thread(target=self._loop, name="scheduler", daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        """Starts nothing more and waits for what runs."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()
        self._workers.shutdown()

    def schedule(self, delay, task, *arguments):
        """Runs `task` after `delay` seconds; the number returned cancels it."""
        if not isinstance(delay, (int, float)) or not math.isfinite(delay) or delay < 0:
            raise ValueError(f"a delay is a number of seconds from 0 up, not {delay!r}")
        with self._changed:
            number = next(self._order)
            heapq.heappush(self._queue, (time.monotonic() + delay, number, task, arguments))
            self._changed.notify()
        return number

    def every(self, interval, task, *arguments):
        """Runs `task` every `interval` seconds from now on; a failing run does not end the series."""
        if interval <= 0:
            raise ValueError("an interval is longer than 0 seconds")

        def again():
            try:
                task(*arguments)
            finally:
                if not self._stopped:
                    self.schedule(interval, again)

        return self.schedule(interval, again)

    def cancel(self, number):
        """Cancels a task that has not started; whether it was still waiting."""
        with self._changed:
            waiting = any(entry[1] == number for entry in self._queue) and number not in self._cancelled
            if waiting:
                self._cancelled.add(number)
            return waiting

    def _loop(self):
        while True:
            with self._changed:
                while not self._stopped and (not self._queue or self._queue[0][0] > time.monotonic()):
                    self._changed.wait(self._queue[0][0] - time.monotonic() if self._queue else None)
                if self._stopped:
                    return
                _, number, task, arguments = heapq.heappop(self._queue)
                if number in self._cancelled:
                    self._cancelled.discard(number)
                    continue
            self._workers.submit(self._run, task, arguments)

    def _run(self, task, arguments):
        try:
            task(*arguments)
        except Exception as error:  # a task may raise anything; it is on record, not lost
            self.failures.append(error)
            del self.failures[:-100]
            if self._on_failure:
                self._on_failure(error)
