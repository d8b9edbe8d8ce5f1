-- Supervision matters: the facts, what happened, what is being waited for, what the agency answered, whom a township was asked to help.
CREATE TABLE matter (
	id BIGINT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	title TEXT NOT NULL,
	assigned_title TEXT NOT NULL,
	assigned_text TEXT NOT NULL,
	org_id BIGINT NOT NULL,
	body_id BIGINT NOT NULL,
	handler_id BIGINT,
	handler_name TEXT NOT NULL,
	step TEXT NOT NULL,
	state TEXT NOT NULL,
	mode TEXT NOT NULL,
	sealed SMALLINT NOT NULL,
	finding SMALLINT NOT NULL,
	kind TEXT NOT NULL,
	major SMALLINT NOT NULL,
	facts TEXT NOT NULL,
	evidence TEXT NOT NULL,
	correctable SMALLINT NOT NULL,
	corrected_on_spot SMALLINT NOT NULL,
	instrument_choice TEXT NOT NULL,
	instrument_reason TEXT NOT NULL,
	basis_note TEXT NOT NULL,
	in_proceedings SMALLINT NOT NULL,
	proceedings TEXT NOT NULL,
	proceedings_on CHAR(10),
	unheeded SMALLINT NOT NULL,
	verify_failed SMALLINT NOT NULL,
	proposal_on CHAR(10),
	served_on CHAR(10),
	gov_approval_no TEXT NOT NULL,
	gov_approved_on CHAR(10),
	upper_notified_on CHAR(10),
	rectified SMALLINT NOT NULL,
	outcome TEXT NOT NULL,
	outcome_reason TEXT NOT NULL,
	round_ms BIGINT NOT NULL,
	version BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	changed_ms BIGINT NOT NULL,
	closed_ms BIGINT
);
CREATE INDEX matter_body ON matter (body_id, state, id);
CREATE INDEX matter_org ON matter (org_id, id);

CREATE TABLE matter_clue (
	matter_id BIGINT NOT NULL,
	clue_id BIGINT NOT NULL,
	PRIMARY KEY (matter_id, clue_id)
);

-- for_agency: the line the agency sees too.
CREATE TABLE matter_event (
	id BIGINT PRIMARY KEY,
	matter_id BIGINT NOT NULL,
	at_ms BIGINT NOT NULL,
	action TEXT NOT NULL,
	text TEXT NOT NULL,
	detail TEXT NOT NULL,
	account_id BIGINT,
	account_name TEXT NOT NULL,
	for_agency SMALLINT NOT NULL
);
CREATE INDEX matter_event_matter ON matter_event (matter_id, id);

-- pauses, extensions, explanation: JSON; due days repeated for ordering.
CREATE TABLE matter_clock (
	id BIGINT PRIMARY KEY,
	matter_id BIGINT NOT NULL,
	name TEXT NOT NULL,
	instrument_id BIGINT,
	label TEXT NOT NULL,
	kind TEXT NOT NULL,
	basis TEXT NOT NULL,
	note TEXT NOT NULL,
	start_on CHAR(10) NOT NULL,
	length BIGINT NOT NULL,
	unit TEXT NOT NULL,
	roll SMALLINT NOT NULL,
	pauses TEXT NOT NULL,
	extensions TEXT NOT NULL,
	ended_on CHAR(10),
	state TEXT NOT NULL,
	due_plain CHAR(10) NOT NULL,
	due_on CHAR(10) NOT NULL,
	explanation TEXT NOT NULL
);
CREATE INDEX matter_clock_matter ON matter_clock (matter_id, id);
CREATE INDEX matter_clock_due ON matter_clock (state, due_on);

CREATE TABLE matter_reply (
	id BIGINT PRIMARY KEY,
	matter_id BIGINT NOT NULL,
	instrument_id BIGINT,
	type TEXT NOT NULL,
	text TEXT NOT NULL,
	items TEXT NOT NULL,
	until_on CHAR(10),
	finding_ids TEXT NOT NULL,
	on_paper SMALLINT NOT NULL,
	received_on CHAR(10) NOT NULL,
	org_id BIGINT NOT NULL,
	account_id BIGINT,
	account_name TEXT NOT NULL,
	state TEXT NOT NULL,
	decision TEXT NOT NULL,
	reason TEXT NOT NULL,
	decided_name TEXT NOT NULL,
	decided_ms BIGINT,
	created_ms BIGINT NOT NULL
);
CREATE INDEX matter_reply_matter ON matter_reply (matter_id, id);
CREATE INDEX matter_reply_state ON matter_reply (state, id);

CREATE TABLE matter_assist (
	id BIGINT PRIMARY KEY,
	matter_id BIGINT NOT NULL,
	org_id BIGINT NOT NULL,
	text TEXT NOT NULL,
	until_on CHAR(10),
	asked_name TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	answer TEXT NOT NULL,
	answered_name TEXT NOT NULL,
	answered_ms BIGINT
);
CREATE INDEX matter_assist_org ON matter_assist (org_id, id);
CREATE INDEX matter_assist_matter ON matter_assist (matter_id, id);
