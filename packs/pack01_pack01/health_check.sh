#!/usr/bin/env bash
# Exit 0 when the pack does its work, 2 with the reason when it does not.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT" PYTHONDONTWRITEBYTECODE=1

if ! "${PYTHON:-python3}" -m aurora_core.monitor health "$ROOT"; then
    echo "[pack01] health: FAIL" >&2
    exit 2
fi
echo "[pack01] health: OK"
