import multiprocessing
import os
import socket
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).absolute().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT.parent / "pack01_pack01")]

from os_base import process_abstraction  # noqa: E402
from os_base.namespace import NamespaceRegistry  # noqa: E402
from os_base.process_abstraction import PackProcess  # noqa: E402
from os_base.scheduler import Scheduler  # noqa: E402


def register_many(path, worker):
    for number in range(20):
        NamespaceRegistry(path).register(f"pack-{worker}-{number}", {"worker": worker})


class NamespaceTests(unittest.TestCase):
    def test_processes_do_not_lose_each_others_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "namespaces.db")
            NamespaceRegistry(path)
            context = multiprocessing.get_context("spawn")
            workers = [context.Process(target=register_many, args=(path, worker)) for worker in range(3)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
                self.assertEqual(worker.exitcode, 0)
            self.assertEqual(len(NamespaceRegistry(path).list()), 60)

    def test_a_row_can_be_replaced_and_removed(self):
        with tempfile.TemporaryDirectory() as folder:
            registry = NamespaceRegistry(Path(folder, "namespaces.db"))
            registry.register("x", {"uid": 1})
            registry.register("x", {"uid": 2})
            self.assertEqual(registry.get("x"), {"uid": 2})
            self.assertTrue(registry.unregister("x"))
            self.assertFalse(registry.unregister("x"))


class SchedulerTests(unittest.TestCase):
    def setUp(self):
        self.scheduler = Scheduler()
        self.scheduler.start()
        self.addCleanup(self.scheduler.stop)

    def test_a_task_runs_and_equal_times_keep_their_order(self):
        done, seen = threading.Event(), []
        scheduler = Scheduler(workers=1)
        for number in range(20):
            scheduler.schedule(0, seen.append, number)
        scheduler.schedule(0, done.set)
        scheduler.start()
        self.assertTrue(done.wait(20))
        scheduler.stop()
        self.assertEqual(seen, list(range(20)))

    def test_a_blocking_task_does_not_hold_back_another(self):
        release, done = threading.Event(), threading.Event()
        self.scheduler.schedule(0, release.wait, 20)
        self.scheduler.schedule(0, done.set)
        self.assertTrue(done.wait(20))
        release.set()

    def test_a_failure_is_on_record_and_ends_nothing(self):
        done = threading.Event()
        self.scheduler.schedule(0, lambda: 1 // 0)
        self.scheduler.schedule(0.01, done.set)
        self.assertTrue(done.wait(20))
        end = time.monotonic() + 20
        while not self.scheduler.failures and time.monotonic() < end:
            done.wait(0.01)
        self.assertIsInstance(self.scheduler.failures[0], ZeroDivisionError)

    def test_a_cancelled_task_does_not_run(self):
        ran, done = [], threading.Event()
        number = self.scheduler.schedule(0.05, ran.append, 1)
        self.assertTrue(self.scheduler.cancel(number))
        self.scheduler.schedule(0.1, done.set)
        self.assertTrue(done.wait(20))
        self.assertEqual(ran, [])
        self.assertFalse(self.scheduler.cancel(number))

    def test_delays_that_are_no_times_are_refused(self):
        for delay in (float("nan"), float("inf"), -1, "soon"):
            with self.assertRaises(ValueError):
                self.scheduler.schedule(delay, print)


class ProcessTests(unittest.TestCase):
    def setUp(self):
        self.process = PackProcess("/")

    def test_the_end_of_a_program_is_told_apart(self):
        shell = ["/bin/sh", "-c"]
        self.assertEqual(self.process.run(shell + ["exit 7"]).code, 7)
        self.assertEqual(self.process.run(shell + ["kill -9 $$"]).signal, 9)
        self.assertTrue(self.process.run(["/bin/sleep", "60"], timeout=0.1).timed_out)
        self.assertIn("No such file", self.process.run(["/no/such/program"]).error)

    def test_children_do_not_outlive_the_limit(self):
        began = time.monotonic()
        result = self.process.run(["/bin/sh", "-c", "sleep 60 & sleep 60"], timeout=0.2)
        self.assertTrue(result.timed_out)
        self.assertLess(time.monotonic() - began, 50)

    def test_defect_47_detached_grandchildren_end_with_the_program_and_with_its_limit(self):
        with tempfile.TemporaryDirectory() as folder:
            fifo = Path(folder, "alive")
            for last, timeout in (("sleep 600", 3), ("exit 3", None)):
                os.mkfifo(fifo)
                # Whoever still lives holds the FIFO open; the second one sits two sessions away, its father gone.
                detached = "(setsid sleep 600 & setsid sh -c 'setsid sleep 600 & echo $! >deep' &)"
                wait = "until [ -s deep ]; do sleep 0.01; done"
                held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
                script = f"exec 9>alive; {detached}; {wait}; {last}"
                result = PackProcess(folder).run(["/bin/sh", "-c", script], timeout=timeout)
                self.assertEqual((result.timed_out, result.code), (True, None) if timeout else (False, 3))
                # At its end at once: nobody is left to write.
                self.assertEqual(os.read(held, 1), b"")
                os.close(held)
                fifo.unlink()
                Path(folder, "deep").unlink()

    def test_defect_47_a_pipe_that_somebody_else_holds_keeps_nobody_waiting(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(process_abstraction, "GRACE", 0.2):
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(f"{folder}/take")
                server.listen()
                hand_over = (
                    "import socket; s = socket.socket(socket.AF_UNIX); s.connect('take'); "
                    "socket.send_fds(s, [b'x'], [1])")
                result = PackProcess(folder).run([sys.executable, "-c", hand_over], timeout=60)
                self.assertEqual((result.code, result.output), (0, b""))
                taker, _ = server.accept()
                with taker:
                    _, descriptors, _, _ = socket.recv_fds(taker, 1, 1)
                os.close(descriptors[0])

    def test_programs_at_the_same_time_end_only_their_own(self):
        results = []
        threads = [threading.Thread(target=lambda: results.append(self.process.run(["/bin/sleep", "1"])))]
        threads[0].start()
        while not results:
            self.assertEqual(self.process.run(["/bin/sh", "-c", "setsid sleep 600 & exit 5"]).code, 5)
        threads[0].join()
        self.assertEqual(results[0].code, 0)

    def test_output_is_bounded_and_may_be_any_bytes(self):
        result = self.process.run(["/bin/sh", "-c", "printf '\\377'; head -c 1000000 /dev/zero"], limit=1000)
        self.assertEqual((result.code, len(result.output), result.truncated), (0, 1000, True))

    def test_secrets_of_the_environment_are_not_inherited(self):
        self.assertNotIn(b"HOME=", self.process.run(["/usr/bin/env"]).output)


if __name__ == "__main__":
    unittest.main()
