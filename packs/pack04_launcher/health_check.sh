#!/usr/bin/env bash
# Exit 0 when the core answers, or when no core runs here and there is nothing to control; 2 with the reason otherwise.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT:${ROOT%/*}/pack01_pack01" PYTHONDONTWRITEBYTECODE=1

if [ ! -S "$ROOT/../../run/core.sock" ]; then
    echo "[pack04] health: OK, no core runs here"
elif "${PYTHON:-python3}" -m launcher.control "$ROOT" status >/dev/null; then
    echo "[pack04] health: OK"
else
    echo "[pack04] health: FAIL" >&2
    exit 2
fi
