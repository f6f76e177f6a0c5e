"""Where a pack finds things, from its own folder.

The relative places are the same in the pack's room and on the device, so nothing here asks which of the two it is.
"""
import os
from pathlib import Path


class Places:
    """The folders around one pack."""

    def __init__(self, root):
        self.root = Path(root)
        self.data = self.root / "data"
        self.logs = self.root / "logs"
        # Followed by the system, so it also leads to the device's folder from live/<id>, which is a link into the store.
        self.status = Path(os.path.join(str(root), "..", "..", "run", "status"))
