import os
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT.parent / "pack01_pack01")]

from os_base.vfs import PathRefused, VirtualFS  # noqa: E402


class VirtualFSTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outside = Path(folder.name, "outside")
        self.outside.mkdir()
        (self.outside / "secret").write_text("secret")
        self.root = Path(folder.name, "root")
        self.root.mkdir()
        self.files = VirtualFS(self.root)

    def test_write_read_list_remove(self):
        self.files.write_text("foo/bar.txt", "hello world")
        self.assertEqual(self.files.listdir("foo"), ["bar.txt"])
        self.assertEqual(self.files.read_text("foo/bar.txt"), "hello world")
        self.assertTrue(self.files.remove("foo/bar.txt"))
        self.assertFalse(self.files.remove("foo/bar.txt"))
        self.assertEqual(self.files.listdir("foo"), [])

    def test_no_path_leaves_the_root(self):
        for path in ("../outside/secret", "/etc/passwd", "a/../../outside/secret", "..", "a\0b"):
            with self.assertRaises(PathRefused, msg=path):
                self.files.read_text(path)

    def test_dots_in_a_name_are_part_of_the_name(self):
        self.files.write_text("a..b", "one")
        self.files.write_text("ab", "two")
        self.files.write_text("....", "three")
        self.assertEqual([self.files.read_text(name) for name in ("a..b", "ab", "....")], ["one", "two", "three"])

    def test_links_are_not_followed(self):
        os.symlink(self.outside, self.root / "way")
        os.symlink(self.outside / "secret", self.root / "file")
        with self.assertRaises(PathRefused):
            self.files.read_text("way/secret")
        with self.assertRaises(OSError):
            self.files.read_text("file")
        self.files.write_text("file", "mine")
        self.assertEqual((self.outside / "secret").read_text(), "secret")

    def test_the_root_cannot_be_removed(self):
        for path in (".", "", "./."):
            with self.assertRaises(PathRefused):
                self.files.remove(path)

    def test_without_overwriting_the_old_text_stays(self):
        self.files.write_text("x", "old")
        with self.assertRaises(FileExistsError):
            self.files.write_text("x", "new", overwrite=False)
        self.assertEqual(self.files.read_text("x"), "old")
        self.assertEqual(self.files.listdir(), ["x"])


if __name__ == "__main__":
    unittest.main()
