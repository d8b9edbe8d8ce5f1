#!/usr/bin/env bash
# The rule engine beside DuckDB, SQLite and PostgreSQL on the same conditions and the same rows. Called by script/bench rules.
# usage: bench/rules.sh [ROWS…]     with ROWS nothing is written to docs
set -euo pipefail
cd "$(dirname "$0")/.."
script/bootstrap build test bench
. tools/env.sh
[[ -x build/bench/bench_rules ]] || script/build build
ninja -C build bench/bench_rules >/dev/null
(cd bench/duckdb && npm ci --no-audit --no-fund >/tmp/xiezhi-duckdb.log 2>&1) || { tail -20 /tmp/xiezhi-duckdb.log >&2; exit 3; }
sizes=${*:-1000000 5000000 10000000}
threads=$(($(nproc) < 2 ? 1 : 2))
work=$(mktemp -d /tmp/xiezhi-rules-XXXXXX)
cleanup() { [[ ! -d $work/pg ]] || tools/test-postgres.sh stop "$work/pg"; rm -rf "$work"; }
trap cleanup EXIT
chmod 755 "$work"
log=$work/log
say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

say "the engine itself"
build/bench/bench_rules export "$work" "$threads" 100000 $sizes >"$work/xiezhi.txt"
cat "$work/xiezhi.txt" >&2
say "DuckDB"
node bench/duckdb/run.mjs "$work" "$threads" $sizes | tee -a "$log" >&2
say "SQLite"
node bench/sql.mjs sqlite "$work" $sizes | tee -a "$log" >&2
rm -f "$work/cases.db"
say "PostgreSQL"
url=$(XZ_PG_BUFFERS=4GB tools/test-postgres.sh start "$work/pg")
node bench/sql.mjs postgres "$work" "$url" $sizes | tee -a "$log" >&2

# A figure of our own: own ROWS THREADS NAME
own() { awk -v rows="$1" -v threads="$2" -v name="$3" '$1 == "rows" { here = $2 == rows } here && $1 != "changed" { t = ""; for (i = 1; i < NF; i++) { if ($i == "threads") t = $(i + 1); if ($i == name && (t == threads || threads == "")) print $(i + 1) } }' "$work/xiezhi.txt"; }
# After a change: changed ROWS RECORDS NAME
changed() { awk -v rows="$1" -v n="$2" -v name="$3" '$1 == "rows" { here = $2 == rows } here && $1 == "changed" && $2 == n { for (i = 3; i < NF; i++) if ($i == name) print $(i + 1) }' "$work/xiezhi.txt"; }
# A database's best: best DATABASE ROWS PROCESSES
best() { awk -v d="$1" -v rows="$2" -v p="$3" '$1 == d && $2 == rows && $3 == p { print $4 }' "$log"; }
way() { awk -v d="$1" -v rows="$2" -v p="$3" '$1 == d && $2 == rows && $3 == p { $1 = $2 = $3 = $4 = ""; print }' "$log" | sed 's/^ *//'; }
ms() { awk -v s="${1:-}" 'BEGIN { if (s == "") print "—"; else printf "%.*f ms", (s < 0.1 ? 2 : 0), s * 1000 }'; }
times() { awk -v a="${1:-}" -v b="$2" 'BEGIN { if (a == "") print "—"; else printf "%.0f×", a / b }'; }
per_million() { awk -v m="$1" -v n="$2" 'BEGIN { printf "%.0f", m / n * 1e6 }'; }
thousands() { printf "%'d" "$1"; }

part=$work/part.md
{
	echo "<!-- rules: begin (made by script/bench rules) -->"
	echo
	echo "## Rule engine"
	echo
	echo "Made by \`script/bench rules\` on $(date +%F), $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)), $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), kernels $(awk '/^rows/ { print $6; exit }' "$work/xiezhi.txt"), commit $(git rev-parse --short HEAD)."
	echo "All $(awk '/^rows/ { print $4; exit }' "$work/xiezhi.txt") active rules that judge each penalty case by itself over made-up cases, every record's verdict counted as hit, exempt, unknown, clean or not in force. The databases run the same conditions over the same"
	echo "rows in one query and must count the same, rule by rule, or the run fails. What stems from children, parents, texts and the calendar is a column computed before the sweep; the databases"
	echo "get these columns ready-made in their tables, in the narrowest type they have. Of three forms of the query (verdict as one CASE, weighted sums, flags), PostgreSQL's compiler on or off, each"
	echo "database's best time counts. Times are the best of several runs with the data in memory."
	for t in $(seq 1 "$threads"); do
		echo
		echo "| $t thread(s): cases | Xiezhi, counted | Xiezhi, rows listed | reading the columns once | counted / reading | DuckDB | PostgreSQL | SQLite | against DuckDB | against the better of the others |"
		echo "|---|---|---|---|---|---|---|---|---|---|"
		for rows in $sizes; do
			x=$(own "$rows" "$t" counted_s) stream=$(own "$rows" "$t" stream_s) d=$(best duckdb "$rows" "$t") p=$(best postgres "$rows" "$t") s=$(best sqlite "$rows" "$t")
			other=$(printf '%s\n' $p $s | sort -g | head -1)
			echo "| $(thousands "$rows") | $(ms "$x") | $(ms "$(own "$rows" "$t" listed_s)") | $(ms "$stream") | $(awk -v a="$x" -v b="$stream" 'BEGIN { printf "%.2f", a / b }') | $(ms "$d") | $(ms "$p") | $(ms "$s") | $(times "$d" "$x") | $(times "$other" "$x") |"
		done
	done
	echo
	echo "| growth, one thread | ns a case | against 100,000 cases | columns swept | frame with children | columns built (once a snapshot) |"
	echo "|---|---|---|---|---|---|"
	first=$(own 100000 1 counted_s)
	for rows in 100000 $sizes; do
		x=$(own "$rows" 1 counted_s)
		echo "| $(thousands "$rows") | $(awk -v s="$x" -v n="$rows" 'BEGIN { printf "%.2f", s / n * 1e9 }') | $(awk -v a="$x" -v n="$rows" -v b="$first" 'BEGIN { printf "%+.0f %%", (a / n) / (b / 100000) * 100 - 100 }') | $(own "$rows" "" column_mib) MiB | $(own "$rows" "" frame_mib) MiB | $(own "$rows" "" build_s) s |"
	done
	echo
	last=${sizes##* }
	echo "| snapshot | columns swept, a million cases | frames with children, a million cases | the $(own "$last" "" groups) rules over groups: first sweep | next sweep | one record changed: frame, links, sweep | 100 records changed |"
	echo "|---|---|---|---|---|---|---|"
	for rows in 100000 $sizes; do
		echo "| $(thousands "$rows") | $(per_million "$(own "$rows" "" column_mib)" "$rows") MiB | $(per_million "$(own "$rows" "" frame_mib)" "$rows") MiB | $(own "$rows" "" first_s) s | $(own "$rows" "" next_s) s | $(changed "$rows" 1 patch_s), $(changed "$rows" 1 links_s), $(changed "$rows" 1 sweep_s) s | $(changed "$rows" 100 patch_s), $(changed "$rows" 100 links_s), $(changed "$rows" 100 sweep_s) s |"
	done
	echo
	echo "Forms that won: DuckDB $(way duckdb "$last" 1); PostgreSQL $(way postgres "$last" 1); SQLite $(way sqlite "$last" 1). Versions: DuckDB $(node -p "require('./bench/duckdb/node_modules/@duckdb/node-api/package.json').version"), PostgreSQL $(psql --version | grep -oE '[0-9.]+' | head -1), SQLite $(sqlite3 --version | cut -d' ' -f1)."
	echo
	echo "<!-- rules: end -->"
} >"$part"
cat "$part"
[[ $# == 0 ]] || exit 0
{
	sed '/^<!-- rules: begin/,/^<!-- rules: end/d' docs/benchmarks.md | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'
	echo
	cat "$part"
} >"$work/benchmarks.md"
cp "$work/benchmarks.md" docs/benchmarks.md
