#!/bin/sh
# A real PostgreSQL 15 for tests, in a temporary folder, on a unix socket only.
# usage: test-postgres.sh run COMMAND…    starts one, runs COMMAND with XZ_TEST_PG set, stops and removes it
#        test-postgres.sh start DIR       starts one in DIR and prints its URL
#        test-postgres.sh stop DIR
# XZ_PG_BUFFERS: its shared_buffers, for measurements.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "test-postgres: no PostgreSQL server is installed" >&2; exit 3; }
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
start() {
	mkdir -p "$1"
	[ "$(id -u)" != 0 ] || chown postgres "$1"
	chmod 755 "$1"
	as_postgres "$bin/initdb" -D "$1/data" -U xiezhi -A trust --locale=C.UTF-8 -E UTF8 >"$1/initdb.log" 2>&1 || { cat "$1/initdb.log" >&2; exit 3; }
	as_postgres "$bin/pg_ctl" -D "$1/data" -w -l "$1/data/log" -o "-c listen_addresses='' -c unix_socket_directories='$1' -c fsync=off -c max_connections=60 -c shared_buffers=${XZ_PG_BUFFERS:-128MB}" start >/dev/null
	echo "postgresql:///postgres?host=$1&user=xiezhi"
}
stop() {
	as_postgres "$bin/pg_ctl" -D "$1/data" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$1"
}
case ${1:-} in
start) start "$2" ;;
stop) stop "$2" ;;
run)
	shift
	dir=$(mktemp -d /tmp/xz-pg-XXXXXX)
	trap 'stop "$dir"' EXIT INT TERM
	XZ_TEST_PG=$(start "$dir")
	export XZ_TEST_PG
	"$@"
	;;
*) echo "usage: test-postgres.sh run COMMAND… | start DIR | stop DIR" >&2; exit 2 ;;
esac
