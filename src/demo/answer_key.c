/* The answer key: for every rule the keys of the records that it must hit, exempt or leave unknown, and the near-misses planted for it. */
#include "demo/demo_private.h"

#include <assert.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/json.h"

#define LIST_BYTES_MAX ((size_t)1 << 30)

enum list { LIST_HIT, LIST_NEAR_MISS, LIST_EXEMPT, LIST_UNKNOWN, LIST_COUNT };

#define RULES_MAX 400

struct answer_key {
	const char *ids[RULES_MAX];
	struct buf lists[RULES_MAX][LIST_COUNT]; /* JSON strings, separated by commas */
	int rule_count;
	int64_t hits;
};

enum err_code answer_key_open(struct answer_key **ret, struct err *err)
{
	struct answer_key *k = mem_alloc(1, sizeof(*k));

	if (!k)
		return err_nomem(err);
	*ret = k;
	return ERR_OK;
}

void answer_key_close(struct answer_key *k)
{
	if (!k)
		return;
	for (int r = 0; r < k->rule_count; r++)
		for (int l = 0; l < LIST_COUNT; l++)
			buf_clear(&k->lists[r][l]);
	free(k);
}

void answer_key_closep(struct answer_key **k)
{
	answer_key_close(*k);
}

static void add(struct buf *list, struct str key)
{
	struct json j;

	if (list->len > 0)
		buf_puts(list, ",\n");
	json_init(&j, list);
	json_str(&j, key);
}

static int rule_index(const struct answer_key *k, const char *id)
{
	for (int r = 0; r < k->rule_count; r++)
		if (k->ids[r] == id || strcmp(k->ids[r], id) == 0)
			return r;
	return -1;
}

bool answer_key_rule(struct answer_key *k, const char *id)
{
	if (rule_index(k, id) >= 0)
		return true;
	if (k->rule_count == RULES_MAX)
		return false;
	for (int l = 0; l < LIST_COUNT; l++)
		buf_init(&k->lists[k->rule_count][l], LIST_BYTES_MAX);
	k->ids[k->rule_count++] = id;
	return true;
}

void answer_key_add(struct answer_key *k, const char *id, enum verdict verdict, bool near_miss, struct str record_key)
{
	int rule;

	if (!near_miss && (verdict == VERDICT_CLEAN || verdict == VERDICT_NOT_IN_FORCE))
		return;
	rule = rule_index(k, id);
	assert(rule >= 0);
	if (near_miss)
		add(&k->lists[rule][LIST_NEAR_MISS], record_key);
	switch (verdict) {
	case VERDICT_HIT:
		add(&k->lists[rule][LIST_HIT], record_key);
		k->hits++;
		break;
	case VERDICT_EXEMPT:
		add(&k->lists[rule][LIST_EXEMPT], record_key);
		break;
	case VERDICT_UNKNOWN:
		add(&k->lists[rule][LIST_UNKNOWN], record_key);
		break;
	case VERDICT_NOT_IN_FORCE:
	case VERDICT_CLEAN:
		break;
	}
}

int64_t answer_key_hits(const struct answer_key *k)
{
	return k->hits;
}

enum err_code answer_key_write(const struct answer_key *k, uint64_t seed, int32_t today, const char *path, struct err *err)
{
	static const char *const names[LIST_COUNT] = { "hit", "near_miss", "exempt", "unknown" };
	struct buf out;
	char day[11];
	enum err_code code;

	buf_init(&out, (size_t)4 << 30);
	day_format(today, day);
	buf_printf(&out, "{\n\"seed\": %llu,\n\"today\": \"%s\",\n\"rules\": {", (unsigned long long)seed, day);
	for (int r = 0; r < k->rule_count; r++) {
		buf_printf(&out, "%s\n\"%s\": {", r ? "," : "", k->ids[r]);
		for (int l = 0; l < LIST_COUNT; l++) {
			out.failed |= k->lists[r][l].failed;
			buf_printf(&out, "%s\n\"%s\": [", l ? "," : "", names[l]);
			buf_put(&out, buf_str(&k->lists[r][l]));
			buf_putc(&out, ']');
		}
		buf_putc(&out, '}');
	}
	buf_puts(&out, "}\n}\n");
	code = out.failed ? err_nomem(err) : file_write(path, buf_str(&out), err);
	buf_clear(&out);
	return code;
}
