#!/usr/bin/env bash
# Stops the monitor and ends when it is gone; stopped already is fine.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT" PYTHONDONTWRITEBYTECODE=1

if ! "${PYTHON:-python3}" -m aurora_core.resident stop "$ROOT"; then
    echo "[pack01] the monitor is still running" >&2
    exit 1
fi
echo "[pack01] stopped"
