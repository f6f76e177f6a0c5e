import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
sys.path.insert(0, str(ROOT))

from aurora_core import services  # noqa: E402
from aurora_core.events import EventLog  # noqa: E402
from aurora_core.monitor import Monitor  # noqa: E402
from aurora_core.places import Places  # noqa: E402
from aurora_core.resident import Resident  # noqa: E402


class EventLogTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.log = EventLog(Path(folder.name) / "events.jsonl", limit=4096)

    def test_events_come_back_in_order(self):
        for number in range(5):
            self.log.append("count", number=number)
        self.assertEqual([event["number"] for event in self.log.last(3)], [2, 3, 4])

    def test_a_torn_line_is_cut_before_the_next_event(self):
        self.log.append("whole")
        with open(self.log.path, "ab") as file:
            file.write(b'{"kind": "torn')
        self.log.append("next")
        self.assertEqual([event["kind"] for event in self.log.last(9)], ["whole", "next"])

    def test_the_log_stays_within_two_files(self):
        for number in range(500):
            self.log.append("count", number=number)
        self.assertLessEqual(self.log.path.stat().st_size, 4096)
        self.assertLessEqual(self.log.older.stat().st_size, 4096)
        self.assertEqual(self.log.last(1)[0]["number"], 499)


class ServiceTests(unittest.TestCase):
    def test_a_change_of_state_becomes_an_event(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "packs", "x")
            (root / "data").mkdir(parents=True)
            status = Path(folder, "run", "status")
            status.mkdir(parents=True)
            monitor = Monitor(Places(root))
            monitor.look()
            for state in ("STARTING", "READY", "READY"):
                listed = {"packs": [{"pack": "demo", "state": state}]}
                (status / "packs.json").write_text(json.dumps(listed))
                monitor.look()
            seen = [(event["before"], event["after"]) for event in monitor.log.last(9)]
            self.assertEqual(seen, [(None, "STARTING"), ("STARTING", "READY")])

    def test_without_a_core_the_list_is_empty(self):
        self.assertEqual(services.read(Places("/nowhere/packs/x")), {})


class ResidentTests(unittest.TestCase):
    def test_a_process_is_found_by_its_lock_and_stopped(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "packs", "x")
            (root / "data").mkdir(parents=True)
            resident = Resident(root / "data")
            self.assertIsNone(resident.owner())
            child = subprocess.Popen(
                [sys.executable, "-m", "aurora_core.monitor", str(root)],
                env={**os.environ, "PYTHONPATH": str(ROOT)})
            self.assertTrue(resident.wait_until(True, 20))
            self.assertEqual(resident.owner(), child.pid)
            self.assertTrue(resident.stop())
            self.assertEqual(child.wait(20), 0)
            self.assertIsNone(resident.owner())


if __name__ == "__main__":
    unittest.main()
