import json
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT.parent / "pack01_pack01")]

from aurora_core.places import Places  # noqa: E402
from env_profiler import profile  # noqa: E402


class ProfileTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name, "packs", "x")
        (self.root / "data").mkdir(parents=True)
        self.status = Path(folder.name, "run", "status")

    def test_machines_fall_into_three_classes(self):
        for cores, gibibytes, expected in [
            (1, 4, "small"), (4, 0, "small"), (2, 1, "medium"), (8, 4, "medium"), (8, 8, "large")]:
            self.assertEqual(profile.size_class(cores, gibibytes << 30), expected, (cores, gibibytes))

    def test_the_facts_of_the_core_are_taken(self):
        self.status.mkdir(parents=True)
        (self.status / "device.json").write_text(json.dumps({"cores": 8, "memory_bytes": 16 << 30, "board": "test"}))
        self.assertEqual(profile.main(["write", str(self.root)]), 0)
        written = json.loads((self.root / "data" / "profile.json").read_text())
        self.assertEqual((written["class"], written["facts"]["board"]), ("large", "test"))

    def test_without_a_core_the_pack_looks_for_itself(self):
        found = profile.facts(Places(self.root))
        self.assertEqual(found["platform"], "linux")
        self.assertGreater(found["cores"], 0)

    def test_health_wants_a_whole_profile_of_this_start(self):
        self.assertEqual(profile.main(["health", str(self.root)]), 1)
        self.assertEqual(profile.main(["write", str(self.root)]), 0)
        self.assertEqual(profile.main(["health", str(self.root)]), 0)
        path = self.root / "data" / "profile.json"
        path.write_text(path.read_text().replace(profile.boot(), "another"))
        self.assertEqual(profile.main(["health", str(self.root)]), 1)

    def test_broken_facts_of_the_core_do_no_harm(self):
        self.status.mkdir(parents=True)
        for text in ("", "[]", "{", '{"cores": "many"}'):
            (self.status / "device.json").write_text(text)
            self.assertEqual(profile.main(["write", str(self.root)]), 0, text)


if __name__ == "__main__":
    unittest.main()
