#!/usr/bin/env bash
set -euo pipefail
PIDS=$(pgrep -f "pack03_core.log" || true)
if [[ -n "$PIDS" ]]; then
  echo "[pack03] stopping $PIDS"
  kill $PIDS || true
else
  echo "[pack03] nothing to stop"
fi
