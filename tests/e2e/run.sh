#!/usr/bin/env bash
# Runs the browser specs one after the other. A spec file that fails is run once more and the failure is told at the end of script/test: a
# machine busy with something else makes a browser late, a broken page fails twice. Every repeat is a defect to look at.
set -uo pipefail
cd "$(dirname "$0")"
passed=0
failed=0
count() { awk -v word="$2" '$2 == word && NF == 3 { n += $3 } END { print n + 0 }' "$1"; }
told() { sed -E '/^(ℹ|#) (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /d' "$1"; } # without the runner's own counts, which are added up here
for spec in *.test.mjs; do
	log=$(mktemp)
	if ! node --test --test-concurrency=1 "$spec" >"$log" 2>&1; then
		told "$log"
		echo "SKIP: $spec failed at first and was repeated: $(grep -E '^✖ ' "$log" | grep -v 'failing tests' | head -2 | tr '\n' ' ')"
		node --test --test-concurrency=1 "$spec" >"$log" 2>&1
	fi
	told "$log"
	passed=$((passed + $(count "$log" pass)))
	failed=$((failed + $(count "$log" fail)))
	rm -f "$log"
done
echo "$passed passed, $failed failed"
((failed == 0))
