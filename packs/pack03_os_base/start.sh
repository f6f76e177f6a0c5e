#!/usr/bin/env bash
# Starts the core and ends as soon as it runs; started already is fine.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
PY="${PYTHON:-python3}"
export PYTHONPATH="$ROOT:${ROOT%/*}/pack01_pack01" PYTHONDONTWRITEBYTECODE=1

mkdir -p "$ROOT/logs" "$ROOT/data"
if "$PY" -m aurora_core.resident status "$ROOT"; then exit 0; fi
nohup "$PY" -m os_base.resident "$ROOT" </dev/null >>"$ROOT/logs/core.log" 2>&1 &
if ! "$PY" -m aurora_core.resident wait "$ROOT"; then
    echo "[pack03] the core did not start; its last words:" >&2
    tail -n 5 "$ROOT/logs/core.log" >&2
    exit 1
fi
echo "[pack03] started"
