#!/usr/bin/env bash
# The command-line contract (../shared/design/interface.md) against the real program, on SQLite and PostgreSQL. usage: tests/api/interface.sh [--full]
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/env.sh
[[ ${1:-} != --full ]] || export XZ_FULL=1
exec tools/test-postgres.sh run node --test --test-concurrency=1 tests/api/interface.test.ts
