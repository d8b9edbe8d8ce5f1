#!/usr/bin/env bash
# Bad input of every kind against the command line and the server: a clear error, and nothing lost. usage: tests/api/hostile.sh [--full]
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/env.sh
[[ ${1:-} != --full ]] || export XZ_FULL=1
exec node --test --test-concurrency=1 tests/api/hostile.test.ts
