/* Record types as data: dictionary/<type>.yaml says which columns, code lists, references and children a record has. The same
 * file makes the tables, checks an import, types a rule, labels a screen, masks personal data and documents the data.
 *
 * Invariant: after dictionary_load everything here is constant and complete: names are [a-z][a-z0-9_]{0,40} and no reserved word,
 * references are resolved, every index is in range. Memory: all of it lives in the arena given to dictionary_load. */
#ifndef XZ_DICTIONARY_DICTIONARY_H
#define XZ_DICTIONARY_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/asset.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "db/db.h"

#define DICTIONARY_TYPES_MAX 64
#define DICTIONARY_COLUMNS_MAX 200 /* of one type or child */
#define DICTIONARY_CHILDREN_MAX 16
#define DICTIONARY_CODES_MAX 400
#define DICTIONARY_KEY_MAX 6
#define DICTIONARY_NAME_MAX 41

/* ---- what a column is ---- */

/** How a value is kept (struct dictionary_value) and stored (DDL). */
enum column_type {
	COLUMN_BOOL,     /* i = 0/1                                        SMALLINT */
	COLUMN_INT,      /* i                                              BIGINT   */
	COLUMN_MONEY,    /* i = fen of CNY                                 BIGINT   */
	COLUMN_DECIMAL,  /* i = value * 10000                              BIGINT   */
	COLUMN_DATE,     /* i = day number (base/date.h)                   CHAR(10) ISO */
	COLUMN_DATETIME, /* i = civil seconds (base/date.h), China's clock BIGINT   */
	COLUMN_TEXT,     /* s = UTF-8                                      TEXT     */
	COLUMN_CODE,     /* s = the code, i = its index in column.codes    TEXT     */
	COLUMN_TYPE_COUNT
};
#define COLUMN_DECIMAL_SCALE 4

/** Personal data: shown masked to whoever may not see it in full. */
enum column_privacy { PRIVACY_NONE, PRIVACY_NAME, PRIVACY_ID_NUMBER, PRIVACY_PHONE, PRIVACY_ADDRESS, PRIVACY_BIRTH, PRIVACY_COUNT };

/** What a text must be besides short enough. */
enum column_check {
	CHECK_NONE,
	CHECK_CREDIT_CODE, /* unified social credit code with its check digit */
	CHECK_ID_NUMBER,   /* resident identity number with its check digit; other certificates when the column allows */
	CHECK_PARTY_CODE, /* 18 characters must be a valid credit code or identity number, 15 digits an old identity or registration number;
	                     else free */
	CHECK_AREA_CODE,  /* 6, 9 or 12 digits */
	CHECK_COUNT
};

/** One value of a record. `null` says that there is none; then i and s mean nothing. */
struct dictionary_value {
	bool null;
	int64_t i;
	struct str s;
};

struct dictionary_label {
	struct str zh, en;
};

struct dictionary_code {
	struct str code;
	struct dictionary_label label;
	const struct str *aliases; /* other words that sources use: "简易" for 简易程序 */
	size_t alias_count;
};

struct dictionary_column {
	struct str name;
	enum column_type type;
	struct dictionary_label label;
	const struct str *aliases; /* other headers of the same thing; used by the native mapping */
	size_t alias_count;
	const struct dictionary_code *codes; /* COLUMN_CODE only */
	size_t code_count;
	size_t max;    /* TEXT: characters; default 200 */
	bool required; /* a row without it is rejected */
	bool search;   /* goes into the full-text index */
	bool filter;   /* offered as a list filter */
	bool timeline; /* dates: an event of the record's timeline; false for birth dates and the like */
	enum column_privacy privacy;
	enum column_check check;
	bool organisation; /* privacy: the value may name an organisation, which is no personal data (a party's name or code) */
	int foreign;       /* MONEY: index of the DECIMAL column that keeps the amount when the currency is not CNY, or -1 */
	int currency;      /* MONEY: index of the TEXT column that names the currency, or -1 */
	struct str note;   /* field note for exports and the data dictionary, may be empty */
	int index;         /* own position */
};

/** "agency: {type: agency, by: {agency_code: code, agency_name: name}}": the first pair whose source is not null and is found wins. */
struct dictionary_reference {
	struct str name;
	const struct dictionary_type *type;
	struct {
		int from; /* column of the record (or child) that holds the reference */
		int to;   /* column of the referenced type */
	} by[DICTIONARY_KEY_MAX];
	size_t by_count;
};

/** A collection of rows that belong to one record: documents, officers, … Stored as r_<type>__<child>(record_id, seq, …). */
struct dictionary_child {
	struct str name;
	struct dictionary_label label;
	const struct dictionary_column *columns;
	size_t column_count;
	int order; /* column that orders first/last, or -1: order of the source */
	const struct dictionary_reference *references;
	size_t reference_count;
	int index;
};

/** "history: {child: periods, from: from_on, to: to_on}": the child's rows say how the record was from a day to a day, both included. */
struct dictionary_history {
	int child;    /* -1: no history */
	int from, to; /* DATE columns of the child; an empty end is open */
};

/** "referrers: {cases: {type: penalty_case, by: agency}}": a name for the records of another type that refer to this one. */
struct dictionary_referrer {
	struct str name;
	struct dictionary_label label; /* of the referring type unless given */
	const struct dictionary_type *type;
	int reference; /* of that type; it points here */
};

struct dictionary_type {
	struct str name;
	struct dictionary_label label;
	struct str note;
	int key[DICTIONARY_KEY_MAX]; /* natural key, joined by "|" after normalising */
	size_t key_count;
	struct str title; /* "{case_no} {party_name}" */
	int agency;       /* index of the reference that gives org_id (data scope), or -1 */
	int date;         /* main date of lists, charts, year-on-year, or -1 */
	bool is_agency;   /* "agency: self": the record is itself an organisation; its org_id is its own node */
	bool sealed;      /* never shown to an agency */
	const struct dictionary_column *columns;
	size_t column_count;
	const struct dictionary_reference *references;
	size_t reference_count;
	const struct dictionary_child *children;
	size_t child_count;
	struct dictionary_history history;
	const struct dictionary_referrer *referrers;
	size_t referrer_count;
	int index;
};

struct dictionary {
	const struct dictionary_type *types; /* by name */
	size_t type_count;
};

/* ---- loading and looking up ---- */

/** Reads every dictionary/<name>.yaml of the overlay and checks it. ERR_INPUT / ERR_SYNTAX with "path:line:column: …" in Chinese. */
enum err_code dictionary_load(const struct asset_set *assets, struct arena *mem, struct dictionary **ret, struct err *err);

const struct dictionary_type *dictionary_type(const struct dictionary *d, struct str name); /* NULL when unknown */
const struct dictionary_column *dictionary_column(const struct dictionary_type *t, struct str name);
const struct dictionary_child *dictionary_child(const struct dictionary_type *t, struct str name);
const struct dictionary_column *dictionary_child_column(const struct dictionary_child *c, struct str name);
const struct dictionary_reference *dictionary_reference(const struct dictionary_type *t, struct str name);
const struct dictionary_referrer *dictionary_referrer(const struct dictionary_type *t, struct str name);
/** Index of a code, -1 when unknown. */
int dictionary_code(const struct dictionary_column *column, struct str code);
const char *column_type_slug(enum column_type t);       /* "money" */
const char *column_privacy_slug(enum column_privacy p); /* "" for none */

/* ---- tables ---- */

/** Columns that every r_<type> table has before the dictionary's own; none of them may be a dictionary name. */
#define DICTIONARY_SYSTEM_COLUMNS                                                                                                          \
	"id, row_key, region, org_id, sealed, deleted, version, change_no, import_id, source_line, supply_id, digest"

/** CREATE TABLE / CREATE INDEX IF NOT EXISTS of one type and its children for the dialect, ';'-terminated, for db_exec_script. */
void dictionary_ddl(const struct dictionary_type *t, enum db_dialect dialect, struct buf *out);
/** SQL type of a column: "TEXT", "BIGINT", "CHAR(10)", "SMALLINT". */
const char *column_sql_type(enum column_type t, enum db_dialect dialect);
/** "r_penalty_case" / "r_penalty_case__documents" appended to out. */
void dictionary_table(const struct dictionary_type *t, const struct dictionary_child *child, struct buf *out);

/** Binds a value as stored. */
void column_bind(const struct dictionary_column *c, struct db_stmt *q, int index, const struct dictionary_value *v);
/** Reads a stored value; text is copied to the arena, codes are found in the list (an unknown stored code keeps its text, i = -1). */
struct dictionary_value column_read(const struct dictionary_column *c, struct db_stmt *q, int column, struct arena *mem);

/* ---- values ---- */

/** Factor of a money or number unit written in a source: 元, 万元, 亿元, 分, 角, 千元 (also fen, yuan). False when unknown. */
bool money_unit(struct str unit, int64_t *ret_fen_per_unit);
/**
 * Parses text into a value of the column's type: trims, takes full-width digits and signs, and for
 *  date      2016-04-21 2016/4/21 2016.4.21 20160421 2016年4月21日, with or without a time behind it
 *  datetime  a date and optionally H:MM[:SS] (also 时分秒), the T form, and 14 digits
 *  money     digits with optional thousands commas, ￥/¥, a unit behind it; `unit` (empty = 元) applies when the text has none
 *  bool      是/否 Y/N 1/0 true/false 有/无 √/×
 *  code      the code, its label or an alias (case and width do not matter)
 * Empty text gives null. Text is checked for length and, if the column says so, check digits.
 *
 * @param why  gets the Chinese reason when false is returned; allocates nothing but normalised text in mem
 */
bool column_parse(const struct dictionary_column *c, struct str text, struct str unit, struct arena *mem, struct dictionary_value *ret,
	struct err *why);
/** Machine form, the one exports and JSON use: 2016-04-21, 2016-04-21 09:00:00, 12345.67 (yuan), 1/0 as true/false, the code. Null writes
 * nothing. */
void column_format(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out);
/** What people read: 是/否, a code's Chinese label, money with two decimals. */
void column_display(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out);
/** JSON: dates and datetimes as text, money as integer fen, decimals as number, bool, codes as code; null. */
void column_json(const struct dictionary_column *c, const struct dictionary_value *v, struct json *j);
/** Lossless text form for old versions: money in fen, decimals scaled, datetimes in seconds, dates ISO; null writes nothing. */
void column_to_stored(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out);
/** The reverse of column_to_stored. */
bool column_from_stored(const struct dictionary_column *c, struct str text, struct arena *mem, struct dictionary_value *ret);
bool column_value_eq(const struct dictionary_column *c, const struct dictionary_value *a, const struct dictionary_value *b);

/** "2016/4/21", "2016年4月21日 9时", … ; false with nothing set when it is no date. ret_seconds (may be NULL) gets seconds of the day. */
bool date_parse_loose(struct str text, int32_t *ret_day, int32_t *ret_seconds);

/* ---- personal data and codes ---- */

/** Masked text: 张*、110***********1234、138****5678; organisations' names stay as they are when `is_org`. */
void privacy_mask(enum column_privacy p, struct str text, struct buf *out);
/** A column's value in its masked form: text as above, a birth date as 1990-**-**. */
void column_mask(const struct dictionary_column *c, const struct dictionary_value *v, struct buf *out);
/** Has this value to be masked? A column that may name an organisation is personal only for a natural person: the record's party_type
 * decides, and without one the value itself (a credit code or a long name is an organisation's). `t` NULL: the column of a child. */
bool privacy_applies(const struct dictionary_type *t, const struct dictionary_column *c, const struct dictionary_value *values);

/** What of one row is masked, to be found again in its other texts: “姚超未按规定登记住宿旅客案” names the person as well as party_name
 * does. */
#define PRIVACY_WORDS_MAX 24
#define PRIVACY_BIRTHS_MAX 2
struct privacy_words {
	struct {
		enum column_privacy
			privacy; /* PRIVACY_NONE: an organisation's name, left as it is even where a person's name is part of it */
		struct str text;
	} v[PRIVACY_WORDS_MAX];
	size_t count;
	char births[PRIVACY_BIRTHS_MAX][11]; /* ISO form of birth dates, which words point at */
	size_t birth_count;
};
/** The masked values of the row; several names in one cell (张三、李四) are taken one by one. Texts are views into `values` and into *ret,
 * which must not be copied. */
void privacy_words(const struct dictionary_type *t, const struct dictionary_value *values, struct privacy_words *ret);
/** The text with every one of the words in its masked form. */
void privacy_words_mask(const struct privacy_words *w, struct str text, struct buf *out);
/** May a value of this column hold the words? Free text does; codes, numbers, dates and an agency's name do not. */
bool privacy_words_apply(const struct dictionary_type *t, const struct dictionary_column *c);

/** Unified social credit code (GB 32100-2015): 18 characters, alphabet without I O S V Z, check digit. */
bool credit_code_valid(struct str code);
/** The check character of the first 17; 0 when they are not in the alphabet. */
char credit_code_check(struct str first17);
/** Resident identity number (GB 11643): 18 characters, birth date, check digit. */
bool id_number_valid(struct str number);
/** True for what a spreadsheet makes of an 18-digit number: 9.1E+17, 9.13301E17, 911101080000000000 from rounding. */
bool is_spreadsheet_number(struct str text);

/** Text for keys and comparison: trimmed, inner white space dropped, full-width ASCII folded to half-width, Latin upper-cased, brackets
 * （）〔〕[] made alike. */
struct str text_normalise(struct str text, struct arena *mem);

/** Writes the title of a record from the type's template. */
void dictionary_title(const struct dictionary_type *t, const struct dictionary_value *values, bool masked, struct buf *out);
/** Natural key of a row: key columns normalised and joined by "|". Missing parts are empty. */
struct str dictionary_row_key(const struct dictionary_type *t, const struct dictionary_value *values, struct arena *mem);

#endif
