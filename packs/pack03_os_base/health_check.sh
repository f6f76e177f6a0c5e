#!/usr/bin/env bash
# Exit 0 when the pack does its work, 2 with the reason when it does not.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT:${ROOT%/*}/pack01_pack01" PYTHONDONTWRITEBYTECODE=1

if ! "${PYTHON:-python3}" -m os_base.resident health "$ROOT"; then
    echo "[pack03] health: FAIL" >&2
    exit 2
fi
echo "[pack03] health: OK"
