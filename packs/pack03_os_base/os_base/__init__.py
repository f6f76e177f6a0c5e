"""Files, names, time and processes for packs, each inside the pack's own folder."""
