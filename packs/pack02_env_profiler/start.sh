#!/usr/bin/env bash
# Profiles the device once and leaves nothing running.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT:${ROOT%/*}/pack01_pack01" PYTHONDONTWRITEBYTECODE=1

mkdir -p "$ROOT/logs" "$ROOT/data"
"${PYTHON:-python3}" -m env_profiler.profile write "$ROOT"
echo "[pack02] profile written"
