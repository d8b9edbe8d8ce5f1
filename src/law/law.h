/* The law register: which instruments exist, when each edition is in force, and what an article says in our own words. Rules, periods
 * and documents cite by (name, article); a citation that the register does not hold is an error, one that it holds without having seen
 * the text is marked unverified and never presented as law.
 *
 * Files: law/<name>.yaml, one instrument each, editions inside (article numbers change with an edition). Invariant: a loaded register never
 * changes; everything is borrowed from the arena it was loaded into. */
#ifndef XZ_LAW_LAW_H
#define XZ_LAW_LAW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/date.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

enum law_level {
	LAW_STATUTE,          /* 法律 */
	LAW_REGULATION,       /* 行政法规 */
	LAW_LOCAL_REGULATION, /* 地方性法规 */
	LAW_DEPARTMENT_RULE,  /* 部门规章 */
	LAW_LOCAL_RULE,       /* 地方政府规章 */
	LAW_INTERPRETATION,   /* 司法解释 */
	LAW_PARTY_REGULATION, /* 党内法规（含党政联合发文） */
	LAW_POLICY,           /* 规范性文件 */
	LAW_LEVEL_COUNT
};
const char *law_level_slug(enum law_level level);
const char *law_level_title(enum law_level level);

/** How far we checked: the marks of the material this register was typed from. */
enum law_evidence {
	LAW_SEEN,       /* V: the article's full text was read */
	LAW_QUOTED,     /* T: only an authoritative quotation or flow chart was seen */
	LAW_LOCAL,      /* L: local text read, binding in its place only */
	LAW_UNVERIFIED, /* U: not seen: never presented as law */
	LAW_EVIDENCE_COUNT
};
const char *law_evidence_slug(enum law_evidence e);
const char *law_evidence_title(enum law_evidence e);

struct law_article {
	struct str number; /* "60" */
	struct str gist;   /* our own words */
	enum law_evidence evidence;
};

struct law_edition {
	struct str label;             /* 2021 年修订 */
	int32_t from, to;             /* in force, both included; DAY_NONE = open */
	struct law_article *articles; /* sorted as in the file */
	size_t article_count;
};

struct law_instrument {
	struct str file;       /* "law/xingzheng-chufa-fa.yaml" */
	struct str name;       /* 中华人民共和国行政处罚法 */
	struct str short_name; /* 行政处罚法 */
	struct str *aliases;
	size_t alias_count;
	struct str issuer, document_no;
	struct str region; /* division code prefix of local law, empty = nationwide */
	enum law_level level;
	struct law_edition *editions; /* oldest first, windows never overlap */
	size_t edition_count;
};

struct law_register;

/** Reads law/<name>.yaml through the overlay. ERR_SYNTAX, ERR_INPUT with "path:line:column: ". Memory: `mem` must outlive the register. */
enum err_code law_load(const struct asset_set *set, struct arena *mem, struct law_register **ret, struct err *err);
const struct law_instrument *law_instruments(const struct law_register *reg, size_t *ret_count);
/** By short name, full name (with or without 《》) or alias; NULL when unknown. */
const struct law_instrument *law_find(const struct law_register *reg, struct str name);

enum law_lookup {
	LAW_FOUND,
	LAW_UNKNOWN_INSTRUMENT,
	LAW_NOT_IN_FORCE,    /* known, but no edition is in force on that day */
	LAW_UNKNOWN_ARTICLE, /* the edition of that day has no such article in the register */
};
struct law_citation {
	enum law_lookup result;
	const struct law_instrument *instrument;
	const struct law_edition *edition; /* in force on the day; the newest one when no day was given */
	const struct law_article *article;
	struct str paragraph; /* what stood behind the number: "(1)(6)" of "59(1)(6)" */
	struct str nearest;   /* for UNKNOWN_*: the nearest known name or number, may be empty */
};
/**
 * Resolves a citation. `article` is "60", "61(1)" or "59(1)(6)": paragraphs and items belong to the article. An empty article cites the
 * instrument as a whole (article NULL, result FOUND).
 * @param on  the day whose law applies (the act's or the decision's); DAY_NONE = the newest edition
 * Allocates nothing; always fills *ret.
 */
enum law_lookup law_lookup(const struct law_register *reg, struct str name, struct str article, int32_t on, struct law_citation *ret);
/** LAW_FOUND or ERR_INPUT that says what is wrong and what the register has instead. */
enum err_code law_need(
	const struct law_register *reg, struct str name, struct str article, int32_t on, struct law_citation *ret, struct err *err);
/** {law, article, name, level, gist, verified, evidence}: one entry of a `basis` list. */
void law_citation_json(const struct law_citation *c, struct str law, struct str article, struct json *j);

#endif
