/* Databases for tests: a fresh SQLite file always, and a fresh PostgreSQL schema where XZ_TEST_PG holds a URL.
 * Include in a test file of any module that uses db; header-only so that no library needs to know about tests. */
#ifndef XZ_TESTS_SUPPORT_TEST_DB_H
#define XZ_TESTS_SUPPORT_TEST_DB_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "db/db.h"

struct test_db {
	char dir[64]; /* data directory for attachments and caches; removed at the end */
	char url[512];
	char schema[64];
	struct db *db;
};

/** True when the PostgreSQL half of a test can run; prints once that it is skipped otherwise. */
static inline bool test_db_has_pg(void)
{
	if (getenv("XZ_TEST_PG"))
		return true;
	fprintf(stderr, "SKIP: XZ_TEST_PG is not set, PostgreSQL is not tested here\n");
	return false;
}

/** Opens an empty, migrated database; aborts with the reason when it cannot. Another connection to it: db_open(str_of(t->url), …). */
static inline void test_db_open(struct test_db *t, enum db_dialect dialect)
{
	struct err err = { 0 };
	int version;

	snprintf(t->dir, sizeof(t->dir), "/tmp/xz-test-XXXXXX");
	if (!mkdtemp(t->dir))
		abort();
	t->schema[0] = '\0';
	if (dialect == DB_SQLITE) {
		snprintf(t->url, sizeof(t->url), "sqlite:%s/test.db", t->dir);
	} else {
		const char *base = getenv("XZ_TEST_PG");
		char sql[128];
		struct db *db;

		snprintf(t->schema, sizeof(t->schema), "t_%.40s", t->dir + sizeof("/tmp/xz-test-") - 1);
		for (char *c = t->schema; *c; c++)
			*c = (char)tolower((unsigned char)*c); /* search_path folds case */
		snprintf(sql, sizeof(sql), "CREATE SCHEMA \"%s\"", t->schema);
		if (db_open(str_of(base), &db, &err) != ERR_OK || db_exec_script(db, str_of(sql), &err) != ERR_OK) {
			fprintf(stderr, "%s\n", err.msg);
			abort();
		}
		db_close(db);
		snprintf(t->url, sizeof(t->url), "%s%coptions=-csearch_path%%3D%s", base, strchr(base, '?') ? '&' : '?', t->schema);
	}
	if (db_open(str_of(t->url), &t->db, &err) != ERR_OK || db_migrate(t->db, &version, &err) != ERR_OK) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
}

static inline void test_db_close(struct test_db *t)
{
	char command[160];
	struct err err;
	struct db *db;

	db_close(t->db);
	t->db = NULL;
	if (t->schema[0] && db_open(str_of(getenv("XZ_TEST_PG")), &db, &err) == ERR_OK) {
		snprintf(command, sizeof(command), "DROP SCHEMA \"%s\" CASCADE", t->schema);
		db_exec_script(db, str_of(command), &err);
		db_close(db);
	}
	snprintf(command, sizeof(command), "rm -rf '%s'", t->dir);
	if (system(command) != 0)
		fprintf(stderr, "could not remove %s\n", t->dir);
}

#endif
