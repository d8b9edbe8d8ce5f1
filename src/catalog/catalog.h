/* What may be done to whom, and with what measure: enforcement items with their legal basis and discretion tiers as they were in force on a
 * day, lists of lenient treatment, and the enterprise seen whole.
 *
 * The registers are record types (dictionary/enforcement_item.yaml, discretion_tier.yaml, lenient_list.yaml, party.yaml): they are
 * imported, versioned and undone like any record, so this module owns no table. It reads them as of a day and brings together what hangs on
 * one enterprise. It judges nothing: whether a fine fits its tier is a question of the rules; here is shown which tier the numbers fall
 * into.
 *
 * Law: 行政处罚法 32、33 (lenient treatment), 34 (discretion tiers); 条例 8 (supervision does not replace the decision).
 * Memory: results live in the caller's arena. */
#ifndef XZ_CATALOG_CATALOG_H
#define XZ_CATALOG_CATALOG_H

#include "http/http.h"
#include "record/record.h"

/** A register as it was on a day. */
struct catalog_version {
	bool has_history;       /* its source delivers periods */
	bool in_force;          /* a period holds the day, or there is no history to ask */
	int32_t from_on, to_on; /* of the period; DAY_NONE: open or unknown */
};
/**
 * The values of `row` on `day`: columns that its history child has, too, take the value of the period that holds the day (the later `from`
 * wins). *ret_values are copies of the row's values, texts are borrowed. A day that no period holds: in_force is false and the values are
 * the row's present ones. A type without history, or a source that does not deliver it: the present values, has_history false.
 */
enum err_code catalog_as_of(const struct dictionary_type *t, const struct record_row *row, int32_t day, struct arena *mem,
	struct dictionary_value **ret_values, struct catalog_version *ret, struct err *err);

/** One discretion tier of an item on a day. */
struct catalog_tier {
	struct record_row row;
	struct dictionary_value *values; /* on that day */
	struct catalog_version version;
	bool has_least, has_most;
	int64_t least_fen, most_fen; /* both included */
	bool holds;                  /* the fine asked about lies in it */
};
#define CATALOG_TIERS_MAX 60
/** The tiers of an item, by code, as they were on `day`; `fine_fen` < 0 asks about no fine. Tiers that share a limit both hold it: the text
 * of the standard decides then, not the number. Tiers not in force that day are listed and never hold. */
enum err_code catalog_tiers(struct db *db, const struct dictionary *d, const struct actor *who, struct str item_code, int32_t day,
	int64_t fine_fen, struct arena *mem, struct catalog_tier **ret, size_t *ret_count, struct err *err);

/** Records of a type that refer to this enterprise, each once; `max` at most a reference column. */
enum err_code catalog_party_rows(struct db *db, const struct dictionary *d, const struct actor *who, const struct dictionary_type *t,
	const struct record_row *party, int max, struct arena *mem, struct record_row **ret, size_t *ret_count, struct err *err);

/** GET /api/parties, /api/parties/{id}, /api/catalog/{type}, /api/catalog/{type}/{id}, /api/cases/{id}/tier. */
extern const struct route_table catalog_routes;

#endif
