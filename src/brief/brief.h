/* One-page briefs for leaders: any filter of a record list as a DOCX with a definition, the cut-off date, the change against the same days
 * of the year before, an editable chart, the suspected problems by rule, and the agencies whose data are missing. Agencies stand in the
 * order of their names: nothing here ranks by fines or case numbers (行政处罚法 74(3)). */
#ifndef XZ_BRIEF_BRIEF_H
#define XZ_BRIEF_BRIEF_H

#include "detect/detect.h"
#include "document/document.h"
#include "http/http.h"
#include "record/record.h"

struct brief_options {
	const struct app *app;
	const struct actor *who;
	struct str title;          /* empty: made from the type's label */
	struct record_query query; /* type, scope and filters; who is set from above */
	struct str filter_words;   /* the filters as people read them; empty: all records */
	int32_t from, to;          /* days of the main date, DAY_NONE: the year up to today */
	int32_t today;
	int64_t now_ms;
};
/** The brief as a document in `mem`, ready for document_docx. */
enum err_code brief_make(struct db *db, const struct brief_options *o, struct arena *mem, struct document **ret, struct err *err);

/** POST /api/briefs, GET /api/briefs, GET /api/briefs/{id}/file. */
extern const struct route_table brief_routes;

#endif
