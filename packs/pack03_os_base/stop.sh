#!/usr/bin/env bash
# Stops the core and ends when it is gone; stopped already is fine.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT:${ROOT%/*}/pack01_pack01" PYTHONDONTWRITEBYTECODE=1

if ! "${PYTHON:-python3}" -m aurora_core.resident stop "$ROOT"; then
    echo "[pack03] the core is still running" >&2
    exit 1
fi
echo "[pack03] stopped"
