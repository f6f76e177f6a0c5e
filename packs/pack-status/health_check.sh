#!/usr/bin/env bash
# Exit 0 when the pack does its work, 2 with the reason when it does not.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT:${ROOT%/*}/pack01_pack01" PYTHONDONTWRITEBYTECODE=1

if ! "${PYTHON:-python3}" -m status_service.server health "$ROOT"; then
    echo "[pack-status] health: FAIL" >&2
    exit 2
fi
echo "[pack-status] health: OK"
