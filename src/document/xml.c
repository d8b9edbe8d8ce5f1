/* Expat to tree and back. */
#include "document/xml.h"

#include <expat.h>
#include <string.h>

#include "document/document_private.h"

struct parse {
	XML_Parser parser;
	struct arena *mem;
	struct xml_node *root, *open;
	struct buf text; /* character data since the last tag */
	int depth;
	enum err_code code;
	struct err *err;
	struct str what;
	enum err_code (*on_element)(const char *name, const char **attributes, void *arg, struct err *err);
	void *arg;
};

static void stop(struct parse *p, enum err_code code)
{
	p->code = code;
	XML_StopParser(p->parser, XML_FALSE);
}

static const char **copy_attributes(struct arena *mem, const char **attributes)
{
	size_t count = 0;
	const char **copy;

	while (attributes && attributes[count])
		count++;
	copy = ARENA_NEW(mem, const char *, count + 1);
	for (size_t i = 0; copy && i < count; i++) {
		copy[i] = str_cstr(mem, str_of(attributes[i]));
		if (!copy[i])
			return NULL;
	}
	return copy;
}

struct xml_node *xml_new(struct arena *mem, struct str name)
{
	struct xml_node *node = ARENA_NEW(mem, struct xml_node, 1);

	if (node)
		node->name = name;
	return node;
}

void xml_insert_after(struct xml_node *parent, struct xml_node *before, struct xml_node *child)
{
	child->parent = parent;
	child->next = before ? before->next : parent->first;
	if (before)
		before->next = child;
	else
		parent->first = child;
	if (parent->last == before)
		parent->last = child;
}

void xml_append(struct xml_node *parent, struct xml_node *child)
{
	xml_insert_after(parent, parent->last, child);
}

void xml_remove(struct xml_node *parent, struct xml_node *before, struct xml_node *child)
{
	if (before)
		before->next = child->next;
	else
		parent->first = child->next;
	if (parent->last == child)
		parent->last = before;
	child->next = NULL;
}

static void flush_text(struct parse *p)
{
	struct xml_node *node;

	if (p->text.len == 0 || !p->open)
		return;
	node = xml_new(p->mem, STR(""));
	if (node)
		node->text = str_dup(p->mem, buf_str(&p->text));
	if (!node || !node->text.ptr || p->text.failed) {
		stop(p, err_nomem(p->err));
		return;
	}
	xml_append(p->open, node);
	buf_reset(&p->text);
}

static void on_start(void *arg, const char *name, const char **attributes)
{
	struct parse *p = arg;
	struct xml_node *node;

	if (p->code != ERR_OK)
		return;
	if (++p->depth > XML_DEPTH_MAX) {
		stop(p, err_set(p->err, ERR_LIMIT, "%.*s：嵌套超过 %d 层", STR_ARG(p->what), XML_DEPTH_MAX));
		return;
	}
	if (!p->mem) {
		enum err_code code = p->on_element ? p->on_element(name, attributes, p->arg, p->err) : ERR_OK;

		if (code != ERR_OK)
			stop(p, code);
		return;
	}
	flush_text(p);
	node = xml_new(p->mem, str_dup(p->mem, str_of(name)));
	if (node)
		node->attributes = copy_attributes(p->mem, attributes);
	if (!node || !node->name.ptr || !node->attributes) {
		stop(p, err_nomem(p->err));
		return;
	}
	if (p->open)
		xml_append(p->open, node);
	else
		p->root = node;
	p->open = node;
}

static void on_end(void *arg, const char *name)
{
	struct parse *p = arg;

	(void)name;
	p->depth--;
	if (p->code != ERR_OK || !p->mem)
		return;
	flush_text(p);
	p->open = p->open->parent;
}

static void on_text(void *arg, const char *text, int length)
{
	struct parse *p = arg;

	if (p->code == ERR_OK && p->mem)
		buf_put(&p->text, (struct str){ .ptr = text, .len = (size_t)length });
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id, int internal)
{
	struct parse *p = arg;

	(void)name, (void)system_id, (void)public_id, (void)internal;
	stop(p, err_set(p->err, ERR_UNSUPPORTED, "%.*s：含有 DOCTYPE，拒绝处理", STR_ARG(p->what)));
}

static enum err_code run(struct parse *p, struct str bytes)
{
	p->parser = XML_ParserCreate(NULL);
	if (!p->parser)
		return err_nomem(p->err);
	XML_SetUserData(p->parser, p);
	XML_SetElementHandler(p->parser, on_start, on_end);
	XML_SetCharacterDataHandler(p->parser, on_text);
	XML_SetStartDoctypeDeclHandler(p->parser, on_doctype);
	if (XML_Parse(p->parser, bytes.ptr, (int)bytes.len, XML_TRUE) != XML_STATUS_OK && p->code == ERR_OK)
		p->code = err_set(p->err, ERR_UNSUPPORTED, "%.*s：第 %lu 行不是有效的 XML", STR_ARG(p->what),
			(unsigned long)XML_GetCurrentLineNumber(p->parser));
	XML_ParserFree(p->parser);
	return p->code;
}

enum err_code xml_parse(struct str bytes, struct str what, struct arena *mem, struct xml_node **ret_root, struct err *err)
{
	struct parse p = { .mem = mem, .err = err, .what = what };
	enum err_code code;

	buf_init(&p.text, DOCUMENT_BYTES_MAX);
	code = run(&p, bytes);
	buf_clear(&p.text);
	if (code != ERR_OK)
		return code;
	*ret_root = p.root;
	return ERR_OK;
}

enum err_code xml_scan(struct str bytes, struct str what,
	enum err_code (*on_element)(const char *name, const char **attributes, void *arg, struct err *err), void *arg, struct err *err)
{
	struct parse p = { .err = err, .what = what, .on_element = on_element, .arg = arg };

	return run(&p, bytes);
}

struct xml_node *xml_clone(struct arena *mem, const struct xml_node *node)
{
	struct xml_node *copy = ARENA_NEW(mem, struct xml_node, 1);

	if (!copy)
		return NULL;
	copy->name = node->name;
	copy->text = node->text;
	copy->attributes = node->attributes; /* never changed in place */
	for (const struct xml_node *c = node->first; c; c = c->next) {
		struct xml_node *child = xml_clone(mem, c);

		if (!child)
			return NULL;
		xml_append(copy, child);
	}
	return copy;
}

const char *xml_attribute(const char **attributes, const char *name)
{
	for (size_t i = 0; attributes && attributes[i]; i += 2)
		if (strcmp(attributes[i], name) == 0)
			return attributes[i + 1];
	return NULL;
}

static void write_attribute(struct buf *b, const char *value)
{
	for (const char *c = value; *c; c++) {
		if (*c == '\n' || *c == '\t' || *c == '\r')
			buf_printf(b, "&#%d;", *c);
		else
			xml_put(b, (struct str){ .ptr = c, .len = 1 });
	}
}

static void write_node(struct buf *b, const struct xml_node *n)
{
	if (n->name.len == 0) {
		xml_put(b, n->text);
		return;
	}
	buf_putc(b, '<');
	buf_put(b, n->name);
	for (size_t i = 0; n->attributes && n->attributes[i]; i += 2) {
		buf_printf(b, " %s=\"", n->attributes[i]);
		write_attribute(b, n->attributes[i + 1]);
		buf_putc(b, '"');
	}
	if (!n->first) {
		buf_puts(b, "/>");
		return;
	}
	buf_putc(b, '>');
	for (const struct xml_node *c = n->first; c; c = c->next)
		write_node(b, c);
	buf_puts(b, "</");
	buf_put(b, n->name);
	buf_putc(b, '>');
}

void xml_write(struct buf *b, const struct xml_node *root)
{
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
	write_node(b, root);
}
