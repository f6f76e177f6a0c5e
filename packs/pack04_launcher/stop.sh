#!/usr/bin/env bash
# Nothing of this pack keeps running, so there is nothing to stop.
set -euo pipefail
echo "[pack04] nothing runs"
