#!/bin/sh
# An environment that follows edits, as CONTRIBUTING.md describes it; ./check makes its own.
set -eu
cd "$(dirname "$0")/.."
python -m venv .venv
.venv/bin/python -m pip install --quiet --requirement requirements/dev.txt
.venv/bin/python -m pip install --quiet --no-deps --editable .
