#!/usr/bin/env bash
# install.sh --dry-run   runs the pack's own tests: 0 passed, 2 failed
# install.sh --install   makes the writable folders ready
set -euo pipefail
ROOT="$(cd "$(dirname "$0")" && pwd)"
export PYTHONPATH="$ROOT" PYTHONDONTWRITEBYTECODE=1

case "${1:---dry-run}" in
    --dry-run)
        if ! "${PYTHON:-python3}" -m unittest discover -s "$ROOT/tests"; then
            echo "[pack01] dry-run: tests failed" >&2
            exit 2
        fi
        echo "[pack01] dry-run: tests passed"
        ;;
    --install)
        mkdir -p "$ROOT/logs" "$ROOT/data"
        echo "[pack01] installed"
        ;;
    *)
        echo "[pack01] unknown mode: $1" >&2
        exit 3
        ;;
esac
