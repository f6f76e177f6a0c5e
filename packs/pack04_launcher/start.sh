#!/usr/bin/env bash
# Leaves nothing running: the launcher is there when somebody calls it.
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
mkdir -p "$ROOT/logs" "$ROOT/data"
echo "[pack04] ready"
