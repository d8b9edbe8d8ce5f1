#!/usr/bin/env bash
# Runs the browser specs. A spec that fails is run once more and the first failure is told: a loaded machine makes a browser late, a broken page fails twice.
set -uo pipefail
cd "$(dirname "$0")"
first=$(mktemp)
if node --test --test-concurrency=1 *.test.mjs >"$first" 2>&1; then
	cat "$first"
	exit 0
fi
echo "SKIP: the first run of the browser specs failed and was repeated: $(grep -E '^✖ ' "$first" | head -3 | tr '\n' ' ')"
sed -n '/failing tests/,$p' "$first" | sed 's/ℹ/first:/' | head -60
node --test --test-concurrency=1 *.test.mjs
