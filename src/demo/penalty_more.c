/* The further facts of a penalty case: what an ordinary case has, what follows from the rest, and which column each is. */
#include <stddef.h>

#include "demo/item.h"
#include "demo/penalty.h"
#include "demo/slots.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))
#define CASH_FREELY 10000 /* fen: what may be collected on the spot without a reason */

#define F(column, kind, member)                                                                                                            \
	{                                                                                                                                  \
		column, kind, offsetof(struct penalty_more, member)                                                                        \
	}
static const struct slot slots[] = {
	F("no_filing_on", SLOT_DAY, no_filing),
	F("filing_extension_days", SLOT_NUMBER, filing_extension),
	F("lead_pending", SLOT_TRI, lead_pending),
	F("act_area_code", SLOT_TEXT, act_area),
	F("site_address", SLOT_TEXT, site),
	F("designation_no", SLOT_WORD, designation),
	F("assist_agreement", SLOT_WORD, assist),
	F("special_jurisdiction", SLOT_WORD, special),
	F("procedure_basis", SLOT_WORD, procedure_basis),
	F("extension_basis", SLOT_WORD, extension_basis),
	F("extension_approved_on", SLOT_DAY, extension_approved),
	F("hearing_right_told", SLOT_TRI, right_told),
	F("hearing_withdrawn", SLOT_TRI, withdrawn),
	F("hearing_defaulted", SLOT_TRI, defaulted),
	F("hearing_held", SLOT_TRI, hearing_held),
	F("aggravated_for_defence", SLOT_TRI, aggravated),
	F("hearing_host_name", SLOT_TEXT, host_name),
	F("hearing_host_cert_no", SLOT_TEXT, host_cert),
	F("notice_fine", SLOT_MONEY, notice_fine),
	F("penalty_kind_text", SLOT_WORD, kind_text),
	F("notice_kind_text", SLOT_WORD, notice_kind),
	F("public_interest", SLOT_TRI, public_interest),
	F("complex_case", SLOT_TRI, complex_case),
	F("review_required", SLOT_TRI, review_required),
	F("legal_review_passed", SLOT_TRI, review_passed),
	F("legal_reviewed", SLOT_TRI, reviewed_flag),
	F("discussed", SLOT_TRI, discussed_flag),
	F("evidence_reviewed_on", SLOT_DAY, evidence_reviewed),
	F("device_legal_review_on", SLOT_DAY, device_legal),
	F("device_tech_review_on", SLOT_DAY, device_tech),
	F("device_published_on", SLOT_DAY, device_published),
	F("police_refused_on", SLOT_DAY, police_refused),
	F("crime_suspected", SLOT_TRI, crime_suspected),
	F("correction_ordered", SLOT_TRI, correction),
	F("act_ended_recorded", SLOT_TRI, act_ended),
	F("installment_approved", SLOT_TRI, installment),
	F("exec_power", SLOT_TRI, exec_power),
	F("execution_over", SLOT_TRI, execution_over),
	F("in_recon", SLOT_TRI, in_recon),
	F("urged_on", SLOT_DAY, urged),
	F("surcharge_from_on", SLOT_DAY, surcharge_from),
	F("remedy_ended_on", SLOT_DAY, remedy_ended),
	F("court_applied_on", SLOT_DAY, court_applied),
	F("fine_paid_on", SLOT_DAY, fine_paid_on),
	F("surcharge_rate", SLOT_DECIMAL, surcharge_rate),
	F("surcharge_amount", SLOT_MONEY, surcharge),
	F("fine_paid", SLOT_MONEY, fine_paid),
	F("surcharge_remedy_days", SLOT_NUMBER, surcharge_days),
	F("basis_level", SLOT_CODE, basis_level),
	F("discretion_reason", SLOT_WORD, reason),
	F("mitigation_basis", SLOT_WORD, mitigation),
	F("aggravating", SLOT_WORD, aggravating),
	F("leniency_note", SLOT_WORD, leniency_note),
	F("goods_value", SLOT_MONEY, goods),
	F("illegal_gain", SLOT_MONEY, gain),
	F("refunded", SLOT_MONEY, refunded),
	F("gain_undeterminable", SLOT_TRI, gain_unknown),
	F("major_harm", SLOT_TRI, major_harm),
	F("harm", SLOT_TRI, harm),
	F("harm_minor", SLOT_TRI, harm_minor),
	F("minor_act", SLOT_TRI, minor_act),
	F("corrected_in_time", SLOT_TRI, corrected),
	F("first_violation", SLOT_TRI, first_violation),
	F("leniency_listed", SLOT_TRI, listed),
	F("per_day", SLOT_TRI, per_day),
	F("deviation_approved_on", SLOT_DAY, deviation_approved),
	F("violation_ended_on", SLOT_DAY, violation_ended),
	F("correction_due_on", SLOT_DAY, correction_due),
	F("tier_code", SLOT_TEXT, tier_code),
};

void penalty_more_make(struct maker *m, struct penalty *p)
{
	struct penalty_more *x = &p->more;

	*x = (struct penalty_more){ 0 };
	slots_clear(slots, (size_t)COUNT(slots), x);
	x->party_small = TRI_UNKNOWN;
	x->item = x->tier = -1;
	x->act_area = p->agency->region;
	x->right_told = x->correction = x->harm = TRI_TRUE;
	x->minor_act = x->listed = x->exec_power = x->crime_suspected = TRI_FALSE;
	x->corrected = rng_chance(&m->rng, 600) ? TRI_TRUE : TRI_FALSE;
	x->first_violation = rng_chance(&m->rng, 700) ? TRI_TRUE : TRI_FALSE;
	x->basis_level = "law";
}

/** Somebody of the agency who took no part so far. */
static void choose_host(struct maker *m, struct penalty *p)
{
	for (int k = p->agency->officer_count - 1; k >= OFFICER_TRAITS && !p->more.host_cert.ptr; k--) {
		struct officer o = officer_make(m->w, p->agency, k, m->mem);
		bool took_part = false;

		for (int i = 0; i < p->officer_count; i++)
			took_part |= p->officers[i].cert_no.ptr && str_eq(p->officers[i].cert_no, o.cert_no);
		if (!took_part) {
			p->more.host_cert = o.cert_no;
			p->more.host_name = o.name;
		}
	}
}

static void settle_payments(struct penalty *p)
{
	struct penalty_more *x = &p->more;

	for (int i = 0; i < p->payment_count; i++) {
		struct case_payment *pay = &p->payments[i];

		if (!x->cash_set && strcmp(pay->method, "onspot_cash") == 0) {
			pay->receipt = "fiscal";
			pay->hard_to_collect = pay->amount > CASH_FREELY ? TRI_TRUE : TRI_FALSE;
		}
		if (x->unpaid || p->fine == NO_MONEY)
			continue;
		x->fine_paid = p->fine;
		x->fine_paid_on = pay->collected;
	}
	if (x->unpaid)
		p->payment_count = 0;
}

static void settle_item(struct maker *m, struct penalty *p)
{
	struct penalty_more *x = &p->more;
	int64_t fine = p->fine == NO_MONEY ? 0 : p->fine;

	if (!x->item_set) {
		x->item = item_for(p->violation, fine);
		x->tier = tier_for(x->item, fine);
	}
	if (x->item_none || p->entrust_item.ptr) {
		x->item = -1;
		x->tier = -1;
		x->item_code = p->entrust_item;
		return;
	}
	x->item_code = item_make(m->w, x->item, m->mem).code;
	if (x->tier >= 0)
		x->tier_code = tier_make(m->w, x->tier, m->mem).code;
}

void penalty_more_settle(struct maker *m, struct penalty *p)
{
	struct penalty_more *x = &p->more;
	int32_t told = p->notice != DAY_NONE ? p->notice : p->decided;

	settle_payments(p);
	settle_item(m, p);
	if (!x->notice_set)
		x->notice_fine = p->fine;
	if (x->gain == NO_MONEY && p->confiscated > 0)
		x->gain = p->confiscated;
	if (p->hearing != DAY_NONE && !x->host_set)
		choose_host(m, p);
	if (p->transferred_crime != DAY_NONE)
		x->crime_suspected = TRI_TRUE;
	if (!x->evidence_set && p->source && strcmp(p->source, "monitoring") == 0) {
		x->evidence_reviewed = told;
		x->device_published = x->device_legal = x->device_tech = p->violated == DAY_NONE ? DAY_NONE : p->violated - 300;
	}
	if (x->remedy_ended == DAY_NONE && p->delivered != DAY_NONE)
		x->remedy_ended = day_add_months(p->delivered, 6);
	if (!x->site.ptr)
		x->site = p->party_address;
}

struct str penalty_item_code(const struct penalty *p)
{
	return p->more.item_code;
}

void penalty_more_to_rows(const struct penalty *p, struct rows *r)
{
	slots_to_rows(slots, (size_t)COUNT(slots), &p->more, r);
}
