/* Loading and looking up: a few dozen instruments, so plain scans; what matters is that a citation either resolves or says why not. */
#include "law/law.h"

#include <assert.h>
#include <stdlib.h>

#include "yaml/yaml.h"

struct law_register {
	struct law_instrument *instruments;
	size_t count;
};

static const struct {
	const char *slug, *title;
} levels[LAW_LEVEL_COUNT] = {
	[LAW_STATUTE] = { "statute", "法律" },
	[LAW_REGULATION] = { "regulation", "行政法规" },
	[LAW_LOCAL_REGULATION] = { "local_regulation", "地方性法规" },
	[LAW_DEPARTMENT_RULE] = { "department_rule", "部门规章" },
	[LAW_LOCAL_RULE] = { "local_rule", "地方政府规章" },
	[LAW_INTERPRETATION] = { "interpretation", "司法解释" },
	[LAW_PARTY_REGULATION] = { "party_regulation", "党内法规" },
	[LAW_POLICY] = { "policy", "规范性文件" },
};

static const struct {
	const char *slug, *title;
} evidences[LAW_EVIDENCE_COUNT] = {
	[LAW_SEEN] = { "seen", "条文已见" },
	[LAW_QUOTED] = { "quoted", "据权威转述" },
	[LAW_LOCAL] = { "local", "地方条文已见，仅适用于该地" },
	[LAW_UNVERIFIED] = { "unverified", "未核实" },
};

const char *law_level_slug(enum law_level level)
{
	assert(level < LAW_LEVEL_COUNT);
	return levels[level].slug;
}

const char *law_level_title(enum law_level level)
{
	assert(level < LAW_LEVEL_COUNT);
	return levels[level].title;
}

const char *law_evidence_slug(enum law_evidence e)
{
	assert(e < LAW_EVIDENCE_COUNT);
	return evidences[e].slug;
}

const char *law_evidence_title(enum law_evidence e)
{
	assert(e < LAW_EVIDENCE_COUNT);
	return evidences[e].title;
}

/* ---- loading ---- */

static enum err_code read_level(const struct yaml *root, enum law_level *ret, struct err *err)
{
	struct str word = yaml_text(root, "level");

	for (int i = 0; i < LAW_LEVEL_COUNT; i++) {
		if (str_eq(word, str_of(levels[i].slug))) {
			*ret = (enum law_level)i;
			return ERR_OK;
		}
	}
	return yaml_fail(err, ERR_INPUT, root,
		"level 应为 statute、regulation、local_regulation、department_rule、local_rule、interpretation、party_regulation 或 "
		"policy");
}

/** The key's evidence, or `fallback` when it is absent. */
static enum err_code read_evidence(const struct yaml *map, enum law_evidence fallback, enum law_evidence *ret, struct err *err)
{
	struct str word = yaml_text(map, "evidence");

	*ret = fallback;
	if (word.len == 0)
		return ERR_OK;
	for (int i = 0; i < LAW_EVIDENCE_COUNT; i++) {
		if (str_eq(word, str_of(evidences[i].slug))) {
			*ret = (enum law_evidence)i;
			return ERR_OK;
		}
	}
	return yaml_fail(err, ERR_INPUT, map, "evidence 应为 seen、quoted、local 或 unverified");
}

/** "2021-07-15..", "..2021-07-14", "2018-01-01..2021-07-14" or "..". */
static bool read_window(struct str s, int32_t *ret_from, int32_t *ret_to)
{
	ptrdiff_t dots = str_find(s, STR(".."));
	int32_t from = DAY_NONE, to = DAY_NONE;

	if (dots < 0)
		return false;
	struct str a = str_trim(str_sub(s, 0, (size_t)dots)), b = str_trim(str_sub(s, (size_t)dots + 2, s.len));
	if ((a.len > 0 && !day_parse(a, &from)) || (b.len > 0 && !day_parse(b, &to)) || (from != DAY_NONE && to != DAY_NONE && to < from))
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}

static enum err_code read_article(
	const struct yaml *key, const struct yaml *value, enum law_evidence fallback, struct law_article *ret, struct err *err)
{
	ret->number = key->text;
	ret->evidence = fallback;
	if (value->kind == YAML_SCALAR) {
		ret->gist = value->text;
	} else {
		TRY(yaml_only(value, "gist|evidence", err));
		ret->gist = yaml_text(value, "gist");
		TRY(read_evidence(value, fallback, &ret->evidence, err));
	}
	if (ret->gist.len == 0)
		return yaml_fail(err, ERR_INPUT, key, "第 %.*s 条缺少要旨（用自己的话写）", STR_ARG(ret->number));
	return ERR_OK;
}

static enum err_code read_edition(
	const struct yaml *row, enum law_evidence fallback, struct arena *mem, struct law_edition *ret, struct err *err)
{
	const struct yaml *articles = yaml_get(row, "articles");

	TRY(yaml_only(row, "label|in_force|evidence|articles|note", err));
	TRY(read_evidence(row, fallback, &fallback, err));
	ret->label = yaml_text(row, "label");
	if (!read_window(yaml_text(row, "in_force"), &ret->from, &ret->to))
		return yaml_fail(err, ERR_INPUT, row, "in_force 应为“起..止”，如 2021-07-15..");
	if (yaml_is_null(articles))
		return ERR_OK;
	if (articles->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, articles, "articles 应为“条号: 要旨”");
	ret->articles = ARENA_NEW(mem, struct law_article, articles->count);
	if (!ret->articles && articles->count > 0)
		return err_nomem(err);
	ret->article_count = articles->count;
	for (size_t i = 0; i < articles->count; i++)
		TRY(read_article(articles->keys[i], articles->values[i], fallback, &ret->articles[i], err));
	return ERR_OK;
}

/** Oldest first, and no day in two windows. */
static enum err_code check_windows(const struct yaml *list, const struct law_instrument *in, struct err *err)
{
	for (size_t i = 1; i < in->edition_count; i++) {
		int32_t end = in->editions[i - 1].to, start = in->editions[i].from;
		if (end == DAY_NONE || start == DAY_NONE || start <= end)
			return yaml_fail(err, ERR_INPUT, list->values[i], "各版本的施行期间须从早到晚排列且不重叠");
	}
	return ERR_OK;
}

static enum err_code read_instrument(const struct yaml *root, struct arena *mem, struct law_instrument *ret, struct err *err)
{
	const struct yaml *aliases = yaml_get(root, "aliases");
	struct yaml *editions;
	enum law_evidence fallback;

	TRY(yaml_only(root, "name|short|aliases|level|issuer|document_no|region|evidence|editions|note", err));
	ret->name = yaml_text(root, "name");
	ret->short_name = yaml_text(root, "short");
	ret->issuer = yaml_text(root, "issuer");
	ret->document_no = yaml_text(root, "document_no");
	ret->region = yaml_text(root, "region");
	if (ret->name.len == 0 || ret->short_name.len == 0)
		return yaml_fail(err, ERR_INPUT, root, "必须有 name（全称）和 short（简称）");
	TRY(read_level(root, &ret->level, err));
	TRY(read_evidence(root, LAW_UNVERIFIED, &fallback, err));
	if (aliases) {
		if (aliases->kind != YAML_SEQ)
			return yaml_fail(err, ERR_INPUT, aliases, "aliases 应为列表");
		ret->aliases = ARENA_NEW(mem, struct str, aliases->count);
		if (!ret->aliases && aliases->count > 0)
			return err_nomem(err);
		ret->alias_count = aliases->count;
		for (size_t i = 0; i < aliases->count; i++)
			ret->aliases[i] = aliases->values[i]->text;
	}
	TRY(yaml_need(root, "editions", YAML_SEQ, &editions, err));
	if (editions->count == 0)
		return yaml_fail(err, ERR_INPUT, editions, "至少有一个版本");
	ret->editions = ARENA_NEW(mem, struct law_edition, editions->count);
	if (!ret->editions)
		return err_nomem(err);
	ret->edition_count = editions->count;
	for (size_t i = 0; i < editions->count; i++)
		TRY(read_edition(editions->values[i], fallback, mem, &ret->editions[i], err));
	return check_windows(editions, ret, err);
}

/** "law/xingzheng-chufa-fa.yaml" is one instrument; a name that two files claim is an error. */
static enum err_code check_names(const struct law_register *reg, const struct law_instrument *in, const struct yaml *root, struct err *err)
{
	const struct law_instrument *other = law_find(reg, in->name);

	if (!other)
		other = law_find(reg, in->short_name);
	for (size_t i = 0; i < in->alias_count && !other; i++)
		other = law_find(reg, in->aliases[i]);
	if (other)
		return yaml_fail(err, ERR_INPUT, root, "名称与 %.*s 中的《%.*s》重复", STR_ARG(other->file), STR_ARG(other->short_name));
	return ERR_OK;
}

enum err_code law_load(const struct asset_set *set, struct arena *mem, struct law_register **ret, struct err *err)
{
	struct asset_file *files;
	size_t count;
	struct law_register *reg = ARENA_NEW(mem, struct law_register, 1);

	if (!reg)
		return err_nomem(err);
	TRY(asset_list(set, STR("law/"), STR(".yaml"), mem, &files, &count, err));
	reg->instruments = ARENA_NEW(mem, struct law_instrument, count);
	if (!reg->instruments && count > 0)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct law_instrument in = { .file = files[i].path };
		const char *path = str_cstr(mem, files[i].path);
		struct yaml *root;
		if (!path)
			return err_nomem(err);
		TRY(yaml_parse(files[i].text, path, mem, &root, err));
		TRY(read_instrument(root, mem, &in, err));
		TRY(check_names(reg, &in, root, err));
		reg->instruments[reg->count++] = in;
	}
	*ret = reg;
	return ERR_OK;
}

/* ---- looking up ---- */

const struct law_instrument *law_instruments(const struct law_register *reg, size_t *ret_count)
{
	*ret_count = reg->count;
	return reg->instruments;
}

const struct law_instrument *law_find(const struct law_register *reg, struct str name)
{
	name = str_trim(name);
	if (str_starts(name, STR("《")) && str_ends(name, STR("》")))
		name = str_sub(name, STR("《").len, name.len - STR("》").len);
	if (name.len == 0)
		return NULL;
	for (size_t i = 0; i < reg->count; i++) {
		const struct law_instrument *in = &reg->instruments[i];
		if (str_eq(name, in->short_name) || str_eq(name, in->name))
			return in;
		for (size_t k = 0; k < in->alias_count; k++) {
			if (str_eq(name, in->aliases[k]))
				return in;
		}
	}
	return NULL;
}

static const struct law_edition *edition_on(const struct law_instrument *in, int32_t on)
{
	if (on == DAY_NONE)
		return &in->editions[in->edition_count - 1];
	for (size_t i = 0; i < in->edition_count; i++) {
		const struct law_edition *e = &in->editions[i];
		if ((e->from == DAY_NONE || on >= e->from) && (e->to == DAY_NONE || on <= e->to))
			return e;
	}
	return NULL;
}

/** "第59条(1)(6)" and "59(1)(6)" → "59" and "(1)(6)". */
static void split_article(struct str article, struct str *ret_number, struct str *ret_paragraph)
{
	ptrdiff_t at;

	article = str_trim(article);
	if (str_starts(article, STR("第")))
		article = str_sub(article, STR("第").len, article.len);
	at = str_find(article, STR("("));
	if (at < 0)
		at = (ptrdiff_t)article.len;
	*ret_number = str_sub(article, 0, (size_t)at);
	*ret_paragraph = str_sub(article, (size_t)at, article.len);
	if (str_ends(*ret_number, STR("条")))
		*ret_number = str_sub(*ret_number, 0, ret_number->len - STR("条").len);
}

static struct str nearest_name(const struct law_register *reg, struct str name)
{
	enum { NAMES_MAX = 512 };
	struct str names[NAMES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < reg->count && count < NAMES_MAX; i++)
		names[count++] = reg->instruments[i].short_name;
	return yaml_nearest(name, names, count);
}

enum law_lookup law_lookup(const struct law_register *reg, struct str name, struct str article, int32_t on, struct law_citation *ret)
{
	struct str number;

	*ret = (struct law_citation){ .result = LAW_FOUND, .instrument = law_find(reg, name) };
	split_article(article, &number, &ret->paragraph);
	if (!ret->instrument) {
		ret->nearest = nearest_name(reg, name);
		return ret->result = LAW_UNKNOWN_INSTRUMENT;
	}
	ret->edition = edition_on(ret->instrument, on);
	if (!ret->edition)
		return ret->result = LAW_NOT_IN_FORCE;
	if (number.len == 0)
		return LAW_FOUND;
	for (size_t i = 0; i < ret->edition->article_count; i++) {
		if (str_eq(ret->edition->articles[i].number, number)) {
			ret->article = &ret->edition->articles[i];
			return LAW_FOUND;
		}
	}
	return ret->result = LAW_UNKNOWN_ARTICLE;
}

enum err_code law_need(
	const struct law_register *reg, struct str name, struct str article, int32_t on, struct law_citation *ret, struct err *err)
{
	char day[11] = "";

	if (on != DAY_NONE)
		day_format(on, day);
	switch (law_lookup(reg, name, article, on, ret)) {
	case LAW_FOUND:
		return ERR_OK;
	case LAW_UNKNOWN_INSTRUMENT:
		if (ret->nearest.len > 0)
			return err_set(err, ERR_INPUT, "法规库没有《%.*s》；最接近的是《%.*s》", STR_ARG(name), STR_ARG(ret->nearest));
		return err_set(err, ERR_INPUT, "法规库没有《%.*s》", STR_ARG(name));
	case LAW_NOT_IN_FORCE:
		return err_set(err, ERR_INPUT, "《%.*s》在 %s 没有施行中的版本", STR_ARG(ret->instrument->short_name), day);
	case LAW_UNKNOWN_ARTICLE:
		return err_set(err, ERR_INPUT, "法规库中《%.*s》（%.*s）没有第 %.*s 条", STR_ARG(ret->instrument->short_name),
			STR_ARG(ret->edition->label), STR_ARG(article));
	}
	return err_set(err, ERR_INTERNAL, "未知的查找结果");
}

void law_citation_json(const struct law_citation *c, struct str law, struct str article, struct json *j)
{
	enum law_evidence e = c->article ? c->article->evidence : LAW_UNVERIFIED;

	json_obj(j);
	json_kstr(j, "law", c->instrument ? c->instrument->short_name : law);
	json_kstr(j, "article", article.len > 0 ? article : STR(""));
	json_kstr(j, "name", c->instrument ? c->instrument->name : law);
	json_kputs(j, "level", c->instrument ? law_level_title(c->instrument->level) : "");
	json_kstr(j, "gist", c->article ? c->article->gist : STR(""));
	json_kputs(j, "evidence", law_evidence_slug(e));
	json_kputs(j, "evidence_title", law_evidence_title(e));
	json_kbool(j, "verified", e != LAW_UNVERIFIED);
	json_obj_end(j);
}
