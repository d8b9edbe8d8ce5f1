#!/bin/sh
# Turns a module's named queries into C: generated from $1 by tools/sqlgen.sh, included only by that module's store.
# Format:  -- name: clue_by_id           one text for both databases
#          -- name: clue_search [sqlite]  text for one dialect; the [pg] form stands beside it
# Every query becomes   static const struct query SQL_CLUE_BY_ID.
set -eu
awk -v src="$(basename "$1")" '
function flush() {
	if (name == "") return
	sub(/[ \n]+$/, "", text)
	sub(/;$/, "", text)
	if (dialect == "pg") pg[name] = text; else lite[name] = text
	if (!(name in seen)) { seen[name] = 1; order[++n] = name }
}
function quote(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\"", s); gsub(/\n/, "\\n\"\n\t\t\"", s); return "\"" s "\"" }
/^-- name:/ {
	flush(); name = $3; dialect = ""; text = ""
	if ($4 == "[pg]") dialect = "pg"; else if ($4 == "[sqlite]") dialect = "sqlite"
	next
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
{ text = text (text == "" ? "" : "\n") $0 }
END {
	flush()
	print "/* generated from " src " by tools/sqlgen.sh */"
	print "#include \"db/db.h\""
	for (i = 1; i <= n; i++) {
		q = order[i]
		up = toupper(q)
		printf "static const struct query SQL_%s __attribute__((unused)) = {\n\t.name = \"%s\",\n\t.sqlite = %s,\n", up, q, quote((q in lite) ? lite[q] : pg[q])
		if (q in pg) printf "\t.pg = %s,\n", quote(pg[q])
		print "};"
	}
}' "$1"
