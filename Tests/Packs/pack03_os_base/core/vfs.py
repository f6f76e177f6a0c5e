"""Files of one namespace below the data folder beside the pack, as packs of this shape keep them."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class VirtualFS:
    def __init__(self, pack_id):
        self.base = ROOT / "data" / "vfs" / pack_id
        self.base.mkdir(parents=True, exist_ok=True)

    def write_text(self, name, text):
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read_text(self, name):
        return (self.base / name).read_text()

    def listdir(self, name="."):
        return [entry.name for entry in (self.base / name).iterdir()]

    def remove(self, name):
        (self.base / name).unlink()
