#!/usr/bin/env bash
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
MODE="${1:---dry-run}"
PY="${PYTHON:-python3}"

echo "[pack03] mode $MODE"

if [[ "$MODE" == "--dry-run" ]]; then
  (cd "$ROOT" && "$PY" -m pytest -q tests) || { echo "[pack03] tests failed"; exit 2; }
  exit 0
fi

if [[ "$MODE" == "--install" ]]; then
  mkdir -p "$ROOT/logs" "$ROOT/data"
  echo "[pack03] installed"
  exit 0
fi

echo "[pack03] unknown mode $MODE"
exit 3
