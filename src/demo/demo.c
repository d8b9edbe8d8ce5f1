/* Fills an empty store: organisations, then records type by type, then accounts, then the answer key. */
#include "demo/demo.h"

#include <stdlib.h>

#include "demo/demo_private.h"
#include "org/org.h"

#define WORLD_BYTES_MAX ((size_t)256 << 20)

static enum err_code check_empty(const struct world *w, struct db *db, struct err *err)
{
	const struct dictionary *d = w->o.import->dictionary;
	const struct org_query q = { .kind = -1, .limit = 1 };
	struct org *orgs;
	size_t count;

	TRY(org_list(db, &q, w->mem, &orgs, &count, err));
	for (size_t i = 0; i < d->type_count && count == 0; i++) {
		int64_t rows;

		TRY(record_count(db, &d->types[i], &rows, err));
		count += rows > 0;
	}
	if (count > 0)
		return err_set(err, ERR_STATE, "库里已经有数据，演示数据只能写入空库；请换一个 --data 目录");
	return ERR_OK;
}

extern const struct generator item_generator, tier_generator, hold_generator;
extern const struct generator agency_generator, officer_generator, party_generator, penalty_generator, ticket_generator, coercion_generator,
	licence_generator;
extern const struct generator reconsideration_generator, litigation_generator, execution_generator, compensation_generator,
	suggestion_generator, transfer_generator, complaint_generator, supervision_clue_generator, supervision_instrument_generator,
	supervision_matter_generator, supervision_body_generator, staff_generator, town_generator;
extern const struct generator entrustment_generator, joint_generator, special_generator, inspection_generator, dispute_generator,
	case_transfer_generator, assistance_generator, field_activity_generator;
extern const struct generator fine_account_generator, confiscated_goods_generator, fine_document_generator, suspension_order_generator;

/* Order matters where records refer to earlier ones (w->cases is filled by penalty cases). */
const struct generator *const generators[] = {
	&agency_generator,
	&officer_generator,
	&party_generator,
	&entrustment_generator,
	&item_generator,
	&tier_generator,
	&penalty_generator,
	&hold_generator,
	&ticket_generator,
	&coercion_generator,
	&licence_generator,
	&reconsideration_generator,
	&litigation_generator,
	&execution_generator,
	&compensation_generator,
	&suggestion_generator,
	&transfer_generator,
	&complaint_generator,
	&supervision_clue_generator,
	&supervision_instrument_generator,
	&supervision_matter_generator,
	&supervision_body_generator,
	&staff_generator,
	&town_generator,
	&joint_generator,
	&special_generator,
	&inspection_generator,
	&dispute_generator,
	&case_transfer_generator,
	&assistance_generator,
	&field_activity_generator,
	&fine_account_generator,
	&confiscated_goods_generator,
	&fine_document_generator,
	&suspension_order_generator,
	NULL,
};

static void world_clear(struct world *w)
{
	vec_clear(&w->cities);
	vec_clear(&w->counties);
	vec_clear(&w->townships);
	vec_clear(&w->agencies);
	vec_clear(&w->weights);
	vec_clear(&w->cases);
	vec_clear(&w->entrustments);
	arena_close(w->mem);
}

/** The caller with the scope of the first government, so that its body sees the imports. */
static enum err_code importer_of(struct world *w, struct db *db, struct actor *ret, struct err *err)
{
	int64_t government = w->cities.len ? w->cities.v[0].gov_id : w->counties.v[0].gov_id;

	*ret = *w->o.who;
	ret->org_id = w->cities.len ? w->cities.v[0].body_id : w->counties.v[0].body_id;
	return org_path(db, government, w->mem, &ret->scope_path, err);
}

enum err_code demo_fill(struct db *db, const struct demo_options *o, struct demo_result *ret, struct err *err)
{
	CLEANUP(world_clear) struct world w = { .o = *o, .mem = arena_open(WORLD_BYTES_MAX) };
	CLEANUP(answer_key_closep) struct answer_key *key = NULL;
	struct demo_result result = { 0 };
	struct actor importer;

	if (!w.mem)
		return err_nomem(err);
	TRY(answer_key_open(&key, err));
	TRY(check_empty(&w, db, err));
	TRY(world_make(&w, err));
	TRY(world_store_orgs(&w, db, &result.organisations, err));
	TRY(importer_of(&w, db, &importer, err));
	w.o.who = &importer; /* whoever supervises the place sees where its data came from */
	TRY(generator_rules_register(key, err));
	for (const struct generator *const *g = generators; *g; g++)
		TRY(generator_run(*g, &w, db, key, &result, err));
	result.organisations += result.agencies;
	TRY(world_store_accounts(&w, db, &result.accounts, err));
	result.hits = answer_key_hits(key);
	if (o->key_path)
		TRY(answer_key_write(key, o->seed, o->today, o->key_path, err));
	*ret = result;
	return ERR_OK;
}
