/* Between the two files of the demo desk: who takes part, what a step is, and the story as a table (desk_story.c). */
#ifndef XZ_DEMO_DESK_H
#define XZ_DEMO_DESK_H

#include "matter/matter.h"
#include "org/org.h"
#include "record/record.h"

/** One line of the story: what becomes of one clue. Names are the order in which they begin. */
enum desk_thread {
	DESK_PROPOSAL,  /* letter ran out, proposal lies before the government */
	DESK_CLOSED,    /* corrected, verified, closed */
	DESK_OVERDUE,   /* 督办函 served, nothing came back in time */
	DESK_FEEDBACK,  /* verified by paper reply, feedback to the source is due */
	DESK_COMPLAINT, /* sealed, being verified, a township helps */
	DESK_EXTENSION, /* 意见书 served, the agency asks for more time */
	DESK_DRAFT,     /* 意见书 waits for the leader */
	DESK_EXPLAIN,   /* 说明情况函 served, the answer is awaited */
	DESK_FRESH,     /* opened two days ago */
	DESK_REJECTED,  /* looked at, nothing in it */
	DESK_MOVED,     /* another organ's business */
	DESK_CALL,      /* telephone call of yesterday */
	DESK_TICKET,    /* hotline, past its day */
	DESK_TOWNSHIP,  /* collected by a judicial office */
	DESK_MODEL,     /* accepted findings that wait for triage */
	DESK_SKIPPED,   /* findings that were not taken up */
	DESK_THREAD_COUNT
};

enum desk_actor { DESK_SUPERVISOR, DESK_LEADER, DESK_MAYOR, DESK_LIAISON, DESK_OFFICE, DESK_ACTOR_COUNT };

enum desk_what {
	DESK_CLUE,     /* a person writes a clue down: `clue` */
	DESK_TAKE,     /* open findings of the thread's agency become a clue */
	DESK_DISMISS,  /* open findings are rejected with `text` as the reason */
	DESK_OPEN,     /* the clue becomes a matter */
	DESK_ACT,      /* action `name` with `form` */
	DESK_DOCUMENT, /* draft of kind `name`; `text` is its JSON with {facts}, {what} and {contact} */
	DESK_STEP,     /* step `instrument_action` of the thread's document */
	DESK_REPLY,    /* the agency answers: type `name`, `text` */
	DESK_DECIDE,   /* clue is rejected or transferred: `decision` */
};

struct desk_step {
	int ago;    /* workdays before today */
	int minute; /* of the day */
	enum desk_thread thread;
	enum desk_actor who;
	enum desk_what what;
	const char *name, *text;
	const struct matter_form *form;
	bool dated;  /* the form's day is the day of the step */
	bool proved; /* the form needs a file */
	int until;   /* days after the step, for a form or reply with a day ahead; 0: none */
	const struct clue_new *clue;
	enum instrument_action action;
	const struct clue_decision *decision;
};
extern const struct desk_step desk_steps[];
extern const size_t desk_step_count;
/** Which of the body's agencies a thread is about: 0 is that of the account “agency”. */
extern const int desk_agency[DESK_THREAD_COUNT];

/** Invented: who called, from which number, and whom the bureau's documents name for questions. Memory: `mem`. (names.c) */
void desk_names(uint64_t seed, struct arena *mem, struct str *ret_person, struct str *ret_phone, struct str *ret_contact);

/** Items, tiers and lenient lists of one agency, as imports of their own (desk_catalog.c). What a store has already stays. */
struct desk_catalog_options {
	const struct import_options *import;
	const struct actor *who;
	const struct org *agency;
	int32_t today;
};
enum err_code desk_catalog(struct db *db, const struct desk_catalog_options *o, struct arena *mem, struct err *err);

#endif
