#!/usr/bin/env bash
# The permission walk over a demo store. usage: tests/api/walk.sh [--full]
set -euo pipefail
cd "$(dirname "$0")/../.."
exec node --test --test-concurrency=1 tests/api/walk.test.mjs
