/* A few enforcement items with their discretion tiers and lenient lists for the demo's desk: what the pages of the catalogue show. The
 * basis is named, its numbers are invented; cases of the demo do not refer to them, so no rule judges by them. */
#include <stdio.h>

#include "base/file.h"
#include "demo/desk.h"
#include "record/record.h"

struct catalog_item {
	const char *code, *name, *basis;
	int64_t least_yuan, most_yuan;
};

/* A law's number is not repeated here as law: 幅度为演示 stands in each record. */
static const struct catalog_item items[] = {
	{ "YS-SJ-0101", "未按规定明码标价", "《价格法》第四十二条", 0, 5000 },
	{ "YS-SJ-0102", "食品经营者未建立进货查验记录", "《食品安全法》第一百二十六条", 5000, 50000 },
	{ "YS-SJ-0103", "未取得营业执照从事经营活动", "《无证无照经营查处办法》第十三条", 0, 10000 },
	{ "YS-SJ-0104", "使用不合格的计量器具", "《计量法》第二十六条", 0, 2000 },
	{ "YS-SJ-0105", "发布虚假广告", "《广告法》第五十五条", 200000, 1000000 },
};

static const struct {
	const char *suffix, *level, *label, *condition;
	int from, to; /* hundredths of the range */
} tiers[] = {
	{ "1", "light", "较轻", "首次发生，没有造成危害后果，责令改正后及时改正", 0, 30 },
	{ "2", "ordinary", "一般", "有一定影响，责令改正后按期改正", 30, 70 },
	{ "3", "heavy", "较重", "两年内再次发生，或者拒不改正", 70, 100 },
};

static const struct {
	const char *code, *item, *kind, *name, *conditions, *basis;
} lenient[] = {
	{ "YS-QD-01", "YS-SJ-0101", "none", "未按规定明码标价（轻微）", "初次违法，涉及商品不超过三种，当场改正",
		"《行政处罚法》第三十三条第一款" },
	{ "YS-QD-02", "YS-SJ-0102", "none", "进货查验记录不全（轻微）", "初次违法，能够说明货物来源，按期改正",
		"《行政处罚法》第三十三条第一款" },
	{ "YS-QD-03", "YS-SJ-0103", "lighter", "无照经营，主动停业补办", "主动消除或者减轻危害后果", "《行政处罚法》第三十二条" },
	{ "YS-QD-04", "YS-SJ-0105", "reduced", "虚假广告，及时删除并召回", "配合查处并有立功表现", "《行政处罚法》第三十二条" },
};

#define NAMED_ITEMS 8

struct lines {
	struct buf text;
	const struct org *agency;
	int32_t old_from, old_to, new_from;
	struct str item_code[NAMED_ITEMS], item_name[NAMED_ITEMS]; /* that the store has already: lenient entries are about these */
	size_t item_count;
};

static void open_line(struct lines *l, struct json *j)
{
	json_init(j, &l->text);
	json_obj(j);
	json_kstr(j, "agency_name", l->agency->name);
	json_kstr(j, "agency_code", l->agency->code);
	json_kday(j, "published_on", l->new_from);
	json_kputs(j, "remark", "演示数据，幅度为虚构");
}

static void close_line(struct lines *l, struct json *j)
{
	json_arr_end(j);
	json_obj_end(j);
	buf_putc(&l->text, '\n');
}

static void put_yuan(struct json *j, const char *key, int64_t yuan)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)yuan);
	json_kputs(j, key, text);
}

/** Two periods: since July two years ago the range is what it is, before it was half as high. */
static void open_period(struct lines *l, struct json *j, bool old)
{
	json_obj(j);
	json_kday(j, "from_on", old ? l->old_from : l->new_from);
	if (old)
		json_kday(j, "to_on", l->old_to);
}

static void put_items(struct lines *l)
{
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		struct json j;

		open_line(l, &j);
		json_kputs(&j, "item_code", items[i].code);
		json_kputs(&j, "name", items[i].name);
		json_kputs(&j, "kind", "penalty");
		json_kputs(&j, "domain", "market");
		json_kputs(&j, "legal_basis", items[i].basis);
		json_kputs(&j, "basis_level", "law");
		json_kputs(&j, "status", "valid");
		json_kputs(&j, "fine_base", "fixed");
		put_yuan(&j, "fine_min", items[i].least_yuan);
		put_yuan(&j, "fine_max", items[i].most_yuan);
		json_key(&j, "periods");
		json_arr(&j);
		for (int old = 1; old >= 0; old--) {
			open_period(l, &j, old);
			json_kputs(&j, "status", "valid");
			json_kputs(&j, "legal_basis", items[i].basis);
			put_yuan(&j, "fine_min", old ? items[i].least_yuan / 2 : items[i].least_yuan);
			put_yuan(&j, "fine_max", old ? items[i].most_yuan / 2 : items[i].most_yuan);
			json_obj_end(&j);
		}
		close_line(l, &j);
	}
}

static int64_t part(const struct catalog_item *item, int hundredths, bool old)
{
	int64_t yuan = item->least_yuan + (item->most_yuan - item->least_yuan) * hundredths / 100;

	return old ? yuan / 2 : yuan;
}

static void put_tiers(struct lines *l)
{
	char code[40];

	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		for (size_t k = 0; k < sizeof(tiers) / sizeof(tiers[0]); k++) {
			struct json j;

			snprintf(code, sizeof(code), "%s-%s", items[i].code, tiers[k].suffix);
			open_line(l, &j);
			json_kputs(&j, "tier_code", code);
			json_kputs(&j, "item_code", items[i].code);
			json_kputs(&j, "name", tiers[k].label);
			json_kputs(&j, "level", tiers[k].level);
			json_kputs(&j, "conditions", tiers[k].condition);
			put_yuan(&j, "fine_min", part(&items[i], tiers[k].from, false));
			put_yuan(&j, "fine_max", part(&items[i], tiers[k].to, false));
			json_key(&j, "periods");
			json_arr(&j);
			for (int old = 1; old >= 0; old--) {
				open_period(l, &j, old);
				put_yuan(&j, "fine_min", part(&items[i], tiers[k].from, old));
				put_yuan(&j, "fine_max", part(&items[i], tiers[k].to, old));
				json_obj_end(&j);
			}
			close_line(l, &j);
		}
	}
}

static void put_lenient(struct lines *l)
{
	for (size_t i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++) {
		struct json j;

		open_line(l, &j);
		json_kputs(&j, "list_code", lenient[i].code);
		json_kstr(&j, "item_code", i < l->item_count ? l->item_code[i] : str_of(lenient[i].item));
		json_kputs(&j, "kind", lenient[i].kind);
		json_kstr(&j, "name", i < l->item_count ? l->item_name[i] : str_of(lenient[i].name));
		json_kputs(&j, "conditions", lenient[i].conditions);
		json_kputs(&j, "legal_basis", lenient[i].basis);
		json_key(&j, "periods");
		json_arr(&j);
		open_period(l, &j, false);
		json_kputs(&j, "conditions", lenient[i].conditions);
		json_obj_end(&j);
		close_line(l, &j);
	}
}

static const struct {
	const char *type, *name;
	void (*put)(struct lines *l);
} files[] = {
	{ "enforcement_item", "演示数据：行政执法事项.jsonl", put_items },
	{ "discretion_tier", "演示数据：裁量基准.jsonl", put_tiers },
	{ "lenient_list", "演示数据：不罚和从轻减轻清单.jsonl", put_lenient },
};

/** The first items of the agency that the store has. */
static enum err_code read_items(struct db *db, const struct desk_catalog_options *o, struct arena *mem, struct lines *l, struct err *err)
{
	const struct dictionary_type *t = dictionary_type(o->import->dictionary, STR("enforcement_item"));
	struct record_query q = { .type = t, .agency_org_id = o->agency->id, .limit = NAMED_ITEMS };
	struct record_page page;

	if (!t)
		return ERR_OK;
	TRY(record_list(db, o->import->dictionary, &q, mem, &page, err));
	for (size_t i = 0; i < page.row_count && l->item_count < NAMED_ITEMS; i++) {
		l->item_code[l->item_count] = page.rows[i].values[dictionary_column(t, STR("item_code"))->index].s;
		l->item_name[l->item_count++] = page.rows[i].values[dictionary_column(t, STR("name"))->index].s;
	}
	return ERR_OK;
}

enum err_code desk_catalog(struct db *db, const struct desk_catalog_options *o, struct arena *mem, struct err *err)
{
	struct ymd today = day_to_ymd(o->today);
	struct lines l = { .agency = o->agency };

	l.new_from = day_from_ymd(today.year - 1, 7, 1);
	l.old_to = l.new_from - 1;
	l.old_from = day_from_ymd(today.year - 6, 1, 1);
	TRY(read_items(db, o, mem, &l, err));
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct dictionary_type *t = dictionary_type(o->import->dictionary, str_of(files[i].type));
		struct record_reader_options file = {
			.dictionary = o->import->dictionary, .mappings = o->import->mappings, .type = t, .name = str_of(files[i].name)
		};
		CLEANUP(buf_clear) struct buf path;
		struct import import;
		int64_t rows;
		enum err_code code;

		buf_init(&path, 4096);
		if (!t)
			continue;
		TRY(record_count(db, t, &rows, err));
		if (rows > 0) /* a generator made them already */
			continue;
		buf_init(&l.text, 4u << 20);
		files[i].put(&l);
		buf_printf(&path, "%s/%s", o->import->data_dir, files[i].type);
		buf_puts(&path, ".jsonl");
		file.path = path.ptr;
		code = l.text.failed ? err_nomem(err) : file_write(path.ptr, buf_str(&l.text), err);
		buf_clear(&l.text);
		TRY(code);
		code = import_file(db, o->import, o->who, &file, &import, mem, err);
		remove(path.ptr);
		TRY(code);
		if (import.counts.rejected > 0)
			return err_set(err, ERR_INTERNAL, "演示清单 %s 有 %lld 行被拒", files[i].type, (long long)import.counts.rejected);
	}
	return ERR_OK;
}
