#!/bin/sh
# Examples in the documents are executed: every ```console block starts with "$ command" and goes on with its true output.
# usage: readme.sh --check FILE…   prints a difference and exits 1;   readme.sh --write FILE…   puts the present output in
set -eu
mode=$1
shift
failed=0
count=0
for file in "$@"; do
	tmp=$(mktemp)
	awk '
	/^```console$/ { print; inside = 1; next }
	inside && /^\$ / { print; fflush(); command = substr($0, 3); close_block = 1; system(command " 2>&1 || true"); fflush(); skipping = 1; inside = 0; next }
	skipping && /^```$/ { skipping = 0 }
	!skipping { print; fflush() }' "$file" >"$tmp"
	count=$((count + $(grep -c '^```console$' "$file" || true)))
	if [ "$mode" = --write ]; then
		cat "$tmp" >"$file"
	elif ! diff -u "$file" "$tmp"; then
		failed=$((failed + 1))
	fi
	rm -f "$tmp"
done
echo "$((count - failed)) passed, $failed failed"
[ "$failed" = 0 ]
