/* A small XML tree over expat for uploaded office files: qualified names as written, no DOCTYPE, limited depth. Private to this module. */
#ifndef XZ_DOCUMENT_XML_H
#define XZ_DOCUMENT_XML_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define XML_DEPTH_MAX 256

struct xml_node {
	struct str name;         /* "w:p"; empty for text */
	struct str text;         /* of a text node */
	const char **attributes; /* name, value, …, NULL */
	struct xml_node *parent, *first, *last, *next;
};

/** ERR_UNSUPPORTED on malformed XML, a DOCTYPE, or too deep; `what` names the part in the message. */
enum err_code xml_parse(struct str bytes, struct str what, struct arena *mem, struct xml_node **ret_root, struct err *err);
/** Only checks: calls on_element (may be NULL) for each start tag. */
enum err_code xml_scan(struct str bytes, struct str what,
	enum err_code (*on_element)(const char *name, const char **attributes, void *arg, struct err *err), void *arg, struct err *err);
void xml_write(struct buf *b, const struct xml_node *root);

/* Tree editing; NULL when memory is out. */
struct xml_node *xml_clone(struct arena *mem, const struct xml_node *node);
struct xml_node *xml_new(struct arena *mem, struct str name);
void xml_append(struct xml_node *parent, struct xml_node *child);
void xml_insert_after(struct xml_node *parent, struct xml_node *before, struct xml_node *child); /* before NULL: first */
void xml_remove(struct xml_node *parent, struct xml_node *before, struct xml_node *child);
const char *xml_attribute(const char **attributes, const char *name);

#endif
