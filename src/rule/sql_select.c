/* The statement for some rules on one type: the layers of the record's block, then one number a rule. */
#include <stdlib.h>

#include "base/fault.h"
#include "rule/sql_private.h"

/* 0 not in force, 1 unknown, 2 clean; from PACKED_TRUE on the condition holds: bits 3–7 severity, 8–15 exemption + 1, 16–47 undecided */
#define PACKED_TRUE 4
#define SEVERITY_UNIT 8
#define EXEMPTION_UNIT 256
#define UNDECIDED_UNIT 65536

typedef VEC(int) int_vec;

/** All of them twice: a window, a condition and an exemption are each read in two places. */
static bool add_roots(struct sql_lowering *l, const struct rule *rule, int_vec *roots)
{
	int wanted[SQL_ROOTS_MAX];
	size_t count = sql_rule_roots(rule, wanted);
	bool done = true;

	for (size_t i = 0; i < 2 * count && done; i++)
		done = vec_push(roots, sql_lower(l, wanted[i % count]));
	return done;
}

static void put_severity(struct sql_block *b, struct sql_lowering *l, const struct rule *rule)
{
	const struct rule_code *code = rule->code;
	struct buf *out = b->w->out;

	if (code->severity_count == 0) {
		sql_put_number(b->w, (int64_t)rule->severity * SEVERITY_UNIT);
		return;
	}
	buf_puts(out, "CASE WHEN FALSE THEN ");
	sql_put_number(b->w, 0);
	for (size_t i = 0; i < code->severity_count; i++) {
		if (code->severities[i].ast) {
			buf_puts(out, " WHEN ");
			sql_put(b, sql_lower(l, code->severities[i].node));
			buf_puts(out, " THEN ");
		} else {
			buf_puts(out, " ELSE ");
		}
		sql_put_number(b->w, (int64_t)code->severity_is[i] * SEVERITY_UNIT);
	}
	if (code->severities[code->severity_count - 1].ast) {
		buf_puts(out, " ELSE ");
		sql_put_number(b->w, (int64_t)rule->severity * SEVERITY_UNIT);
	}
	buf_puts(out, " END");
}

static void put_exemptions(struct sql_block *b, struct sql_lowering *l, const struct rule *rule)
{
	struct buf *out = b->w->out;

	if (rule->exemption_count == 0)
		return;
	buf_puts(out, " + CASE");
	for (size_t i = 0; i < rule->exemption_count; i++) {
		buf_puts(out, " WHEN ");
		sql_put(b, sql_lower(l, rule->code->exemptions[i].node));
		buf_puts(out, " THEN ");
		sql_put_number(b->w, (int64_t)(i + 1) * EXEMPTION_UNIT);
	}
	buf_puts(out, " ELSE ");
	sql_put_number(b->w, 0);
	buf_puts(out, " END");
	for (size_t i = 0; i < rule->exemption_count; i++) {
		buf_puts(out, " + CASE WHEN ");
		sql_put(b, sql_lower(l, rule->code->exemptions[i].node));
		buf_puts(out, " IS NULL THEN ");
		sql_put_number(b->w, (int64_t)UNDECIDED_UNIT << i);
		buf_puts(out, " ELSE ");
		sql_put_number(b->w, 0);
		buf_puts(out, " END");
	}
}

/** The verdict in its order: not in force, unknown, clean, exempt or hit. */
static void put_rule(struct sql_block *b, struct sql_lowering *l, const struct rule *rule)
{
	struct buf *out = b->w->out;
	int force = sql_lower(l, rule->code->in_force), when = sql_lower(l, rule->code->when.node);

	buf_puts(out, ", CASE WHEN ");
	if (force >= 0) {
		sql_put(b, force);
		buf_puts(out, " IS NULL THEN ");
		sql_put_number(b->w, VERDICT_UNKNOWN);
		buf_puts(out, " WHEN NOT ");
		sql_put(b, force);
		buf_puts(out, " THEN ");
		sql_put_number(b->w, VERDICT_NOT_IN_FORCE);
		buf_puts(out, " WHEN ");
	}
	sql_put(b, when);
	buf_puts(out, " IS NULL THEN ");
	sql_put_number(b->w, VERDICT_UNKNOWN);
	buf_puts(out, " WHEN NOT ");
	sql_put(b, when);
	buf_puts(out, " THEN ");
	sql_put_number(b->w, VERDICT_CLEAN);
	buf_puts(out, " ELSE ");
	sql_put_number(b->w, PACKED_TRUE);
	buf_puts(out, " + ");
	put_severity(b, l, rule);
	put_exemptions(b, l, rule);
	buf_puts(out, " END");
}

static void int_vec_clear(int_vec *v)
{
	vec_clear(v);
}

enum err_code sql_select(struct sql_writer *w, struct sql_lowering *l, const struct rule *const *rules, size_t count, struct err *err)
{
	CLEANUP(int_vec_clear) int_vec roots = { 0 };
	CLEANUP(sql_block_clear) struct sql_block b = { 0 };

	for (size_t i = 0; i < count; i++) {
		TRY(sql_lower_rule(l, rules[i], err));
		if (!add_roots(l, rules[i], &roots))
			return err_nomem(err);
	}
	w->p = l->to;
	w->from = l->from;
	TRY(sql_block_open(w, NULL, 0, roots.v, roots.len, &b, err));
	sql_block_write(&b);
	buf_puts(w->out, " SELECT r.id");
	for (size_t i = 0; i < count; i++)
		put_rule(&b, l, rules[i]);
	sql_block_from(&b);
	if (w->dialect == DB_SQLITE)
		buf_puts(w->out, " LIMIT -1"); /* keeps SQLite from merging the last layer into this one */
	if (w->failed || w->out->failed || l->to->failed)
		return w->out->failed ? err_set(err, ERR_LIMIT, "规则的 SQL 超过 %zu 字节", w->out->max) : err_nomem(err);
	return ERR_OK;
}

enum rule_verdict sql_unpack(const struct rule *rule, int64_t packed, struct rule_hit *ret)
{
	*ret = (struct rule_hit){ .exemption = -1, .severity = (uint8_t)rule->severity, .verdict = VERDICT_UNKNOWN };
	if (packed < PACKED_TRUE)
		return (enum rule_verdict)packed;
	ret->severity = (uint8_t)(packed / SEVERITY_UNIT % (EXEMPTION_UNIT / SEVERITY_UNIT));
	ret->exemption = (int8_t)(packed / EXEMPTION_UNIT % (UNDECIDED_UNIT / EXEMPTION_UNIT) - 1);
	ret->undecided = (uint32_t)(packed / UNDECIDED_UNIT);
	ret->verdict = ret->exemption >= 0 ? VERDICT_EXEMPT : VERDICT_HIT;
	return (enum rule_verdict)ret->verdict;
}
