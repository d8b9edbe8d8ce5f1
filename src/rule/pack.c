/* A pack: all rules of the overlay, compiled against one dictionary. */
#include <stdlib.h>

#include "base/fault.h"
#include "rule/group.h"

#define PACK_BYTES_MAX ((size_t)256 << 20)

static const char *const status_slugs[RULE_STATUS_COUNT] = { "draft", "trial", "stable", "retired" };
static const char *const status_titles[RULE_STATUS_COUNT] = { "草案", "试行", "正式", "停用" };
static const char *const severity_slugs[RULE_SEVERITY_COUNT] = { "info", "warn", "serious" };
static const char *const severity_titles[RULE_SEVERITY_COUNT] = { "提示", "一般性问题", "重大问题" };
static const char *const kind_slugs[PARAM_KIND_COUNT] = { "statutory", "local", "managerial" };
static const char *const kind_titles[PARAM_KIND_COUNT] = { "法定", "地方规定", "管理参数（非法定）" };
static const char *const verdict_slugs[VERDICT_COUNT] = { "not_in_force", "unknown", "clean", "exempt", "hit" };
static const char *const verdict_titles[VERDICT_COUNT] = { "不适用", "无法判断", "未命中", "豁免", "命中" };

const char *rule_status_slug(enum rule_status s)
{
	return status_slugs[s];
}

const char *rule_status_title(enum rule_status s)
{
	return status_titles[s];
}

const char *rule_severity_slug(enum rule_severity s)
{
	return severity_slugs[s];
}

const char *rule_severity_title(enum rule_severity s)
{
	return severity_titles[s];
}

const char *rule_param_kind_slug(enum rule_param_kind k)
{
	return kind_slugs[k];
}

const char *rule_param_kind_title(enum rule_param_kind k)
{
	return kind_titles[k];
}

const char *rule_verdict_slug(enum rule_verdict v)
{
	return verdict_slugs[v];
}

const char *rule_verdict_title(enum rule_verdict v)
{
	return verdict_titles[v];
}

static enum err_code pack_open(const struct rule_options *o, struct rule_pack **ret, struct err *err)
{
	CLEANUP(rule_pack_closep) struct rule_pack *p = mem_alloc(1, sizeof(*p));

	if (!p)
		return err_nomem(err);
	p->options = *o;
	p->mem = arena_open(PACK_BYTES_MAX);
	p->programs = mem_alloc(o->dictionary->type_count + 1, sizeof(struct program *));
	p->program_count = o->dictionary->type_count;
	p->kept = derivation_slot_open();
	if (!p->mem || !p->programs || !p->kept)
		return err_nomem(err);
	*ret = p;
	p = NULL;
	return ERR_OK;
}

void rule_pack_close(struct rule_pack *p)
{
	if (!p)
		return;
	derivation_slot_close(p->kept);
	for (size_t i = 0; p->programs && i < p->program_count; i++)
		program_close(p->programs[i]);
	free(p->programs);
	free(p->groupings);
	free(p->rules);
	arena_close(p->mem);
	free(p);
}

void rule_pack_closep(struct rule_pack **p)
{
	rule_pack_close(*p);
	*p = NULL;
}

enum err_code rule_program(struct rule_pack *p, const struct dictionary_type *type, struct program **ret, struct err *err)
{
	struct program **slot = &p->programs[type->index];

	if (!*slot) {
		TRY(program_open(type, p->mem, slot, err));
		(*slot)->index = (size_t)type->index;
	}
	*ret = *slot;
	return ERR_OK;
}

static bool grouping_same(const struct grouping *a, const struct grouping *b)
{
	return a->records == b->records && a->key_count == b->key_count && a->members == b->members &&
	       memcmp(a->keys, b->keys, a->key_count * sizeof(a->keys[0])) == 0;
}

/** The keys are the first columns of the groups: key i is derived column i. */
static bool add_keys(struct grouping *g)
{
	for (size_t i = 0; i < g->key_count; i++) {
		const struct node *n = &g->records->nodes.v[g->keys[i]];

		if (node_derived(g->groups, &(struct derived){ .kind = DERIVED_KEY,
						    .type = n->type,
						    .codes = n->codes,
						    .target = n->type == TYPE_ROW ? n->target : NULL,
						    .grouping = g,
						    .keys = (uint32_t)i,
						    .inner = -1,
						    .date = -1,
						    .date_absent = -1 }) < 0)
			return false;
	}
	return true;
}

enum err_code rule_grouping(struct rule_pack *p, const struct grouping *wanted, struct grouping **ret, struct err *err)
{
	struct grouping **groupings, *g;
	struct program **programs;

	for (size_t i = 0; i < p->grouping_count; i++)
		if (grouping_same(p->groupings[i], wanted)) {
			*ret = p->groupings[i];
			return ERR_OK;
		}
	groupings = realloc(p->groupings, (p->grouping_count + 1) * sizeof(*groupings));
	if (!groupings)
		return err_nomem(err);
	p->groupings = groupings;
	programs = realloc(p->programs, (p->program_count + 1) * sizeof(*programs));
	if (!programs)
		return err_nomem(err);
	p->programs = programs;
	g = ARENA_NEW(p->mem, struct grouping, 1);
	if (!g)
		return err_nomem(err);
	*g = *wanted;
	g->index = p->grouping_count;
	g->type = (struct dictionary_type){ .name = g->records->type->name,
		.label = g->records->type->label,
		.agency = -1,
		.date = -1,
		.history = { .child = -1 },
		.index = g->records->type->index };
	TRY(program_open(&g->type, p->mem, &g->groups, err));
	g->groups->grouping = g;
	g->groups->index = p->program_count;
	g->groups->failed |= !add_keys(g);
	p->programs[p->program_count++] = g->groups;
	p->groupings[p->grouping_count++] = g;
	*ret = g;
	return ERR_OK;
}

/** "rules/penalty/x.yaml" -> "penalty"; a file directly under rules/ is of no pack. */
static struct str pack_name(struct str path)
{
	struct str rest = str_starts(path, STR("rules/")) ? str_sub(path, 6, path.len) : path;
	size_t slash = rest.len;

	while (slash > 0 && rest.ptr[slash - 1] != '/')
		slash--;
	return slash ? str_sub(rest, 0, slash - 1) : (struct str){ 0 };
}

/** The profile's parameters of the rule whose file is being read; NULL when there are none. */
static enum err_code overrides_of(
	struct rule_pack *p, const struct yaml *all, const struct yaml *root, const struct yaml **ret, struct err *err)
{
	struct str id = yaml_text(root, "id");
	char *name = str_cstr(p->mem, id);

	if (!name)
		return err_nomem(err);
	*ret = yaml_get(all, name);
	if (*ret && (*ret)->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, *ret, "写作 %s: {参数: 值}", name);
	return ERR_OK;
}

static enum err_code load_file(
	struct rule_pack *p, const struct asset_file *file, const struct yaml *all_overrides, struct rule **ret, struct err *err)
{
	struct rule *rule = ARENA_NEW(p->mem, struct rule, 1);
	const struct yaml *overrides = NULL;
	struct yaml *root;

	if (!rule)
		return err_nomem(err);
	rule->path = str_dup(p->mem, file->path);
	rule->pack = pack_name(rule->path);
	if (!rule->path.ptr)
		return err_nomem(err);
	TRY(yaml_parse(file->text, rule->path.ptr, p->mem, &root, err));
	if (root->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, root, "规则文件应当是一组 键: 值");
	TRY(overrides_of(p, all_overrides, root, &overrides, err));
	TRY(rule_compile(p, rule, root, file->text, overrides, err));
	for (size_t i = 0; i < p->rule_count; i++)
		if (str_eq(p->rules[i]->id, rule->id))
			return yaml_fail(err, ERR_INPUT, root, "规则编号 %.*s 与 %.*s 重复", STR_ARG(rule->id), STR_ARG(p->rules[i]->path));
	*ret = rule;
	return ERR_OK;
}

/** A file of the profile as a map; NULL when there is none. `shape` says what it should look like. */
static enum err_code load_profile_file(struct rule_pack *p, const char *name, const char *shape, const struct yaml **ret, struct err *err)
{
	struct asset_file file;
	struct err none = { 0 };
	struct yaml *root;
	enum err_code code = asset_read(p->options.assets, str_of(name), p->mem, &file, &none);

	*ret = NULL;
	if (code == ERR_NOT_FOUND)
		return ERR_OK;
	if (code != ERR_OK)
		return err_set(err, code, "%s", none.msg);
	TRY(yaml_parse(file.text, name, p->mem, &root, err));
	if (root->kind != YAML_MAP)
		return yaml_fail(err, ERR_INPUT, root, "%s 写作 %s", name, shape);
	*ret = root;
	return ERR_OK;
}

static enum err_code load_overrides(struct rule_pack *p, const struct yaml **ret, struct err *err)
{
	return load_profile_file(p, "params.yaml", "规则编号: {参数: 值}", ret, err);
}

#define PACK_LOCAL "local"

static bool is_local(struct str pack)
{
	return str_eq(pack, STR(PACK_LOCAL)) || str_starts(pack, STR(PACK_LOCAL "/"));
}

static bool has_pack(const struct rule_pack *p, struct str name)
{
	for (size_t i = 0; i < p->rule_count; i++)
		if (str_eq(p->rules[i]->pack, name))
			return true;
	return false;
}

/** Rules of local packs are off; the profile's packs.yaml turns packs on. A pack that does not exist is a mistake of the profile. */
static enum err_code turn_local_packs(struct rule_pack *p, struct err *err)
{
	const struct yaml *root = NULL, *enabled = NULL;

	if (p->options.assets)
		TRY(load_profile_file(p, "packs.yaml", "enabled: [local/地方]", &root, err));
	for (size_t i = 0; i < p->rule_count; i++)
		p->rules[i]->off = is_local(p->rules[i]->pack);
	if (!root)
		return ERR_OK;
	TRY(yaml_only(root, "enabled", err));
	enabled = yaml_get(root, "enabled");
	if (!enabled || enabled->kind != YAML_SEQ)
		return yaml_fail(err, ERR_INPUT, root, "packs.yaml 写作 enabled: [local/地方]");
	for (size_t k = 0; k < enabled->count; k++) {
		struct str name = enabled->values[k]->text;

		if (!is_local(name) || (!has_pack(p, name) && !p->options.on_problem))
			return yaml_fail(err, ERR_INPUT, enabled->values[k], "没有地方规则包 %.*s", STR_ARG(name));
		for (size_t i = 0; i < p->rule_count; i++)
			p->rules[i]->off &= !str_eq(p->rules[i]->pack, name);
	}
	return ERR_OK;
}

static int by_id(const void *a, const void *b)
{
	return str_cmp((*(struct rule *const *)a)->id, (*(struct rule *const *)b)->id);
}

static enum err_code load_files(
	struct rule_pack *p, const struct asset_file *files, size_t count, const struct yaml *overrides, struct err *err)
{
	if (count > RULES_MAX)
		return err_set(err, ERR_LIMIT, "规则文件超过 %d 个", RULES_MAX);
	p->rules = mem_alloc(count + 1, sizeof(*p->rules));
	if (!p->rules)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct err problem = { 0 };
		enum err_code code = load_file(p, &files[i], overrides, &p->rules[p->rule_count], &problem);

		if (code == ERR_OK) {
			p->rule_count++;
		} else if (p->options.on_problem && code != ERR_NOMEM) {
			p->options.on_problem(p->options.arg, &problem);
		} else {
			return err_set(err, code, "%s", problem.msg);
		}
	}
	qsort(p->rules, p->rule_count, sizeof(*p->rules), by_id);
	for (size_t i = 0; i < p->rule_count; i++)
		p->rules[i]->index = i;
	return ERR_OK;
}

/** A profile that names a rule which does not exist is mistaken. */
static enum err_code check_overrides(const struct rule_pack *p, const struct yaml *overrides, struct err *err)
{
	for (size_t i = 0; overrides && i < overrides->count; i++)
		if (!rule_find(p, overrides->keys[i]->text) && !p->options.on_problem)
			return yaml_fail(err, ERR_INPUT, overrides->keys[i], "没有规则 %.*s", STR_ARG(overrides->keys[i]->text));
	return ERR_OK;
}

/** The files with the revisions in their places. */
static enum err_code with_revisions(struct rule_pack *p, struct asset_file **files, size_t *count, struct err *err)
{
	const struct rule_options *o = &p->options;
	struct asset_file *all = ARENA_NEW(p->mem, struct asset_file, *count + o->revision_count + 1);
	size_t used = *count;

	if (!all)
		return err_nomem(err);
	if (*count)
		memcpy(all, *files, *count * sizeof(*all));
	for (size_t r = 0; r < o->revision_count; r++) {
		size_t at = 0;

		while (at < *count && !str_eq(all[at].path, o->revisions[r].path))
			at++;
		all[at < *count ? at : used++] = o->revisions[r];
	}
	*files = all;
	*count = used;
	return ERR_OK;
}

enum err_code rule_pack_load(const struct rule_options *o, struct rule_pack **ret, struct err *err)
{
	CLEANUP(rule_pack_closep) struct rule_pack *p = NULL;
	const struct yaml *overrides;
	struct asset_file *files;
	size_t count;

	TRY(pack_open(o, &p, err));
	TRY(load_overrides(p, &overrides, err));
	TRY(asset_list(o->assets, STR("rules/"), STR(".yaml"), p->mem, &files, &count, err));
	TRY(with_revisions(p, &files, &count, err));
	TRY(load_files(p, files, count, overrides, err));
	TRY(check_overrides(p, overrides, err));
	TRY(turn_local_packs(p, err));
	TRY(derived_keys(p, err));
	*ret = p;
	p = NULL;
	return ERR_OK;
}

enum err_code rule_pack_parse(const struct rule_options *o, struct str path, struct str text, struct rule_pack **ret, struct err *err)
{
	CLEANUP(rule_pack_closep) struct rule_pack *p = NULL;
	const struct yaml *overrides = NULL;
	struct asset_file file = { .path = path };

	TRY(pack_open(o, &p, err));
	if (o->assets)
		TRY(load_overrides(p, &overrides, err));
	file.text = str_dup(p->mem, text);
	if (!file.text.ptr)
		return err_nomem(err);
	TRY(load_files(p, &file, 1, overrides, err));
	TRY(derived_keys(p, err));
	*ret = p;
	p = NULL;
	return ERR_OK;
}

size_t rule_count(const struct rule_pack *p)
{
	return p->rule_count;
}

const struct rule *rule_at(const struct rule_pack *p, size_t index)
{
	return p->rules[index];
}

const struct rule *rule_find(const struct rule_pack *p, struct str id)
{
	size_t low = 0, high = p->rule_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(p->rules[middle]->id, id);

		if (order == 0)
			return p->rules[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void want_history(struct frame_wanted *w, const struct dictionary_type *type, int column)
{
	frame_wanted_add(w, type->history.child, column);
	frame_wanted_add(w, type->history.child, type->history.from);
	frame_wanted_add(w, type->history.child, type->history.to);
}

bool rule_pack_wanted(const struct rule_pack *p, const struct dictionary_type *type, struct frame_wanted *ret)
{
	bool any = false;

	*ret = (struct frame_wanted){ 0 };
	for (size_t t = 0; t < p->program_count; t++) {
		const struct program *program = p->programs[t];

		for (size_t i = 0; program && i < program->nodes.len; i++) {
			const struct node *n = &program->nodes.v[i];

			if (n->op == OP_COLUMN && program->type == type)
				frame_wanted_add(ret, n->scope - 1, (int)n->k);
			else if (n->op == OP_COLUMN_OF && n->target == type)
				frame_wanted_add(ret, -1, (int)n->k);
			else if (n->op == OP_AS_OF && n->target == type)
				want_history(ret, type, (int)n->k);
			else if (!((n->op == OP_REF || n->op == OP_REF_OF) && n->target == type))
				continue;
			any = true;
		}
		any |= program && program->type == type;
	}
	if (any)
		frame_wanted_add_links(ret, p->options.dictionary, type);
	return any;
}
