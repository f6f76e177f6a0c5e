#!/usr/bin/env bash
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
PY="${PYTHON:-python3}"
echo "[pack03] starting the resident monitor"
nohup $PY - pack03_core.log <<'PY' >> "$ROOT/logs/pack03_core.log" 2>&1 &
import signal
print("pack03 resident monitor started", flush=True)
signal.pause()
PY
sleep 0.2
echo "[pack03] start script ends"
