#!/usr/bin/env bash
# Runs the browser specs. Nothing is repeated: a spec that fails is a defect of the page or of the spec.
set -euo pipefail
cd "$(dirname "$0")"
exec node --test --test-concurrency=1 *.test.mjs
