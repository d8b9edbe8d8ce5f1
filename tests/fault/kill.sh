#!/usr/bin/env bash
# Kills the server at random moments and looks whether anything acknowledged was lost. usage: tests/fault/kill.sh [--full] [--sqlite|--postgres]
# XZ_SEED repeats a run, XZ_ROUNDS sets the number of kills (3; 100 with --full) a database.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/env.sh
rounds=${XZ_ROUNDS:-3}
databases=(sqlite postgres)
for word in "$@"; do
	case $word in
	--full) rounds=${XZ_ROUNDS:-100} ;;
	--sqlite | --postgres) databases=("${word#--}") ;;
	*) echo "usage: kill.sh [--full] [--sqlite|--postgres]" >&2; exit 2 ;;
	esac
done
failed=0
for database in "${databases[@]}"; do
	if [[ $database == postgres ]]; then
		tools/test-postgres.sh run node tests/fault/kill.ts postgres "$rounds" || failed=1
	else
		node tests/fault/kill.ts sqlite "$rounds" || failed=1
	fi
done
exit "$failed"
