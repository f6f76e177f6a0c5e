#!/usr/bin/env bash
set -euo pipefail
python3 - <<'PY' || { echo "[pack03] health FAIL"; exit 2; }
import sys
sys.path.insert(0, "packs/pack03_os_base")
from core import namespace, process_abstraction, scheduler, vfs
files = vfs.VirtualFS("health")
files.write_text("probe.txt", "ok")
print(files.read_text("probe.txt"))
PY
echo "[pack03] health OK"
exit 0
