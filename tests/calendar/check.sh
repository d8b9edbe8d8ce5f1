#!/usr/bin/env bash
# Compares our calendar with the npm package chinese-days; skips, saying so, where the registry cannot be reached.
set -uo pipefail
cd "$(dirname "$0")/../.."
if [[ ! -d tests/calendar/node_modules/chinese-days ]] && ! npm ci --prefix tests/calendar >/tmp/xiezhi-calendar.log 2>&1; then
	echo "SKIP: npm ci for chinese-days failed (see /tmp/xiezhi-calendar.log)"
	exit 0
fi
node tests/calendar/check.mjs build-test/test_calendar
