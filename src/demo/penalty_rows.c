/* A penalty case as the values of its dictionary type. */
#include "demo/penalty.h"

static void documents_to_rows(const struct penalty *p, struct rows *r)
{
	struct child_rows c = rows_child(r, "documents", (size_t)p->document_count);

	for (int i = 0; i < p->document_count; i++, c.row++) {
		const struct case_document *d = &p->documents[i];

		child_code(&c, "kind", d->kind);
		child_day(&c, "made_on", d->made);
		child_day(&c, "delivered_on", d->delivered);
		child_day(&c, "signed_on", d->signed_on);
		child_code(&c, "delivery_method", d->method);
		child_tri(&c, "has_party", d->has_party);
		child_tri(&c, "has_facts", d->has_facts);
		child_tri(&c, "has_evidence", d->has_evidence);
		child_tri(&c, "has_reasons", d->has_reasons);
		child_tri(&c, "has_kind", d->has_kind);
		child_tri(&c, "has_basis", d->has_basis);
		child_tri(&c, "has_performance", d->has_performance);
		child_tri(&c, "has_remedy", d->has_remedy);
		child_tri(&c, "has_rights", d->has_rights);
		child_tri(&c, "has_agency", d->has_agency);
		child_tri(&c, "has_date", d->has_date);
		child_tri(&c, "stamped", d->stamped);
	}
}

static void officers_to_rows(const struct penalty *p, struct rows *r)
{
	struct child_rows c = rows_child(r, "officers", (size_t)p->officer_count);

	for (int i = 0; i < p->officer_count; i++, c.row++) {
		const struct case_officer *o = &p->officers[i];

		child_code(&c, "stage", o->stage);
		child_code(&c, "role", o->role);
		child_text(&c, "name", o->name);
		child_text(&c, "cert_no", o->cert_no);
		child_day(&c, "acted_on", o->acted);
		child_tri(&c, "certified", o->certified);
		child_day(&c, "cert_from_on", o->cert_from);
		child_day(&c, "cert_to_on", o->cert_to);
		child_code(&c, "cert_status", o->status);
		child_code(&c, "relation", o->relation);
		child_tri(&c, "recused", o->recused);
	}
}

static void rest_to_rows(const struct penalty *p, struct rows *r)
{
	struct child_rows c = rows_child(r, "stages", (size_t)p->stage_count);

	for (int i = 0; i < p->stage_count; i++, c.row++) {
		const struct case_stage *s = &p->stages[i];

		child_code(&c, "stage", s->stage);
		child_day(&c, "started_on", s->from);
		child_day(&c, "ended_on", s->to);
		child_tri(&c, "required", s->required);
		child_tri(&c, "text_recorded", s->text);
		child_tri(&c, "av_required", s->av_required);
		child_tri(&c, "av_recorded", s->av);
		child_tri(&c, "failure_explained", s->explained);
	}
	c = rows_child(r, "payments", (size_t)p->payment_count);
	for (int i = 0; i < p->payment_count; i++, c.row++) {
		const struct case_payment *pay = &p->payments[i];

		child_code(&c, "method", pay->method);
		child_i64(&c, "amount", pay->amount);
		child_day(&c, "collected_on", pay->collected);
		child_day(&c, "landed_on", pay->landed);
		child_day(&c, "to_agency_on", pay->to_agency);
		child_day(&c, "to_bank_on", pay->to_bank);
		child_tri(&c, "hard_to_collect", pay->hard_to_collect);
		child_tri(&c, "remote_request", pay->remote_request);
		child_code(&c, "receipt", pay->receipt);
	}
}

static void dates_to_rows(const struct penalty *p, struct rows *r)
{
	const struct {
		const char *column;
		int32_t day;
	} days[] = {
		{ "party_birth_on", p->party_birth },
		{ "violated_on", p->violated },
		{ "found_on", p->found },
		{ "filed_on", p->filed },
		{ "investigation_ended_on", p->investigated },
		{ "notice_on", p->notice },
		{ "hearing_requested_on", p->hearing_requested },
		{ "hearing_waived_on", p->hearing_waived },
		{ "hearing_on", p->hearing },
		{ "hearing_notice_on", p->hearing_notice },
		{ "legal_review_on", p->reviewed },
		{ "discussed_on", p->discussed },
		{ "decided_on", p->decided },
		{ "delivered_on", p->delivered },
		{ "delivery_started_on", p->delivery_started },
		{ "e_consent_on", p->e_consent },
		{ "announced_on", p->announced },
		{ "deemed_delivered_on", p->deemed },
		{ "agency_filed_on", p->agency_filed },
		{ "published_on", p->published },
		{ "closed_on", p->closed },
		{ "transferred_crime_on", p->transferred_crime },
		{ "crime_reported_on", p->crime_reported },
		{ "police_filed_on", p->police_filed },
		{ "crime_handed_over_on", p->crime_handed },
	};

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		rows_day(r, days[i].column, days[i].day);
	if (p->crime_approved != CIVIL_NONE)
		rows_i64(r, "crime_approved_at", p->crime_approved);
	if (p->crime_transferred != CIVIL_NONE)
		rows_i64(r, "crime_transferred_at", p->crime_transferred);
}

static void facts_to_rows(const struct penalty *p, struct rows *r)
{
	const struct {
		const char *column;
		int value; /* -1 null */
	} numbers[] = { { "tolled_days", p->tolled }, { "extension_days", p->extension_days }, { "extension_count", p->extension_count },
		{ "appraisal_days", p->appraisal_days }, { "hearing_days", p->hearing_days } };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i].value >= 0)
			rows_i64(r, numbers[i].column, numbers[i].value);
	if (p->fine != NO_MONEY)
		rows_i64(r, "fine", p->fine);
	if (p->confiscated != NO_MONEY)
		rows_i64(r, "confiscated", p->confiscated);
	rows_tri(r, "mitigated", p->mitigated);
	rows_tri(r, "hearing_eligible", p->hearing_eligible);
	rows_tri(r, "hearing_early_consent", p->early_consent);
	rows_tri(r, "onspot_notice_recorded", p->onspot_notice);
	rows_tri(r, "disclosure_required", p->disclosure);
	rows_tri(r, "urgent_evidence", p->urgent);
	rows_tri(r, "suspect_unknown", p->suspect_unknown);
	rows_tri(r, "delivered_on_site", p->delivered_on_site);
	rows_tri(r, "delivered_otherwise", p->delivered_otherwise);
	rows_tri(r, "major", p->major);
	rows_code(r, "extension_approver", p->extension_approver);
	rows_code(r, "delivery_method", p->delivery_method);
	rows_text(r, "suspended_reason", str_of(p->suspended_reason));
	rows_text(r, "disclosure_exempt_reason", str_of(p->no_disclosure_reason));
}

void penalty_to_rows(const void *item, const struct world *w, struct rows *r)
{
	const struct penalty *p = item;
	struct child_rows c;

	(void)w;
	rows_text(r, "case_no", p->case_no);
	rows_text(r, "reviewer_cert_no", p->reviewer_cert);
	rows_text(r, "entrusted_name", p->entrusted_name);
	rows_text(r, "entrustment_no", p->entrustment_no);
	rows_text(r, "item_code", penalty_item_code(p));
	penalty_more_to_rows(p, r);
	rows_tri(r, "joint_case", p->joint_case);
	rows_text(r, "decision_no", p->decision_no);
	rows_text(r, "case_name", p->violation ? str_printf(r->mem, "%.*s%s案", STR_ARG(p->party_name), p->violation) : (struct str){ 0 });
	rows_text(r, "agency_name", p->agency_name);
	if (p->agency_known) {
		rows_text(r, "agency_code", p->agency->code);
		rows_text(r, "data_source", p->agency->name);
	}
	rows_text(r, "area_code", p->agency->region);
	rows_code(r, "domain", p->domain);
	penalty_public_to_rows(&p->public, r);
	rows_code(r, "procedure", p->procedure);
	rows_code(r, "source", p->source);
	rows_code(r, "status", p->status);
	rows_code(r, "outcome", p->outcome);
	rows_text(r, "party_name", p->party_name);
	rows_code(r, "party_type", p->party_type);
	rows_text(r, "party_code", p->party_code);
	rows_text(r, "party_id_no", p->party_id_no);
	rows_text(r, "party_address", p->party_address);
	rows_text(r, "legal_rep", p->legal_rep);
	rows_text(r, "violation_kind", str_of(p->violation));
	rows_text(r, "violation_facts", str_of(p->violation_facts));
	rows_text(r, "legal_basis", str_of(p->basis));
	dates_to_rows(p, r);
	facts_to_rows(p, r);
	c = rows_child(r, "penalties", (size_t)p->penalty_count);
	for (int i = 0; i < p->penalty_count; i++, c.row++) {
		child_code(&c, "kind", p->penalties[i].kind);
		if (p->penalties[i].amount >= 0)
			child_i64(&c, "amount", p->penalties[i].amount);
	}
	if (p->limited)
		return;
	documents_to_rows(p, r);
	officers_to_rows(p, r);
	rest_to_rows(p, r);
}
