#!/usr/bin/env bash
# Candour against what a person could put together in Python, and against the typesetter alone.
#
#   tests/benches/compare.sh [--data FOLDER] [--rounds N] [--only KEY]
#
# Everything goes to a folder under /tmp, or to $CANDOUR_BENCH. Python's packages are fetched once, in fixed versions.
set -euo pipefail
cd "$(dirname "$0")/../.."
work="${CANDOUR_BENCH:-/tmp/candour-bench}"
mkdir -p "$work"
if [ ! -x "$work/venv/bin/python" ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --requirement tests/benches/assembly/requirements.txt
fi
cargo build --release --quiet
cargo build --release --quiet --example floor
target="${CARGO_TARGET_DIR:-target}/release"
exec "$work/venv/bin/python" tests/benches/assembly/compare.py --candour "$target/candour" --floor "$target/examples/floor" --work "$work" "$@"
