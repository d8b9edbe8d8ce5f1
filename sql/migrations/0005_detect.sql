-- Sweeps, findings, people's verdicts.
CREATE TABLE sweep (
	id BIGINT PRIMARY KEY,
	state TEXT NOT NULL,
	today CHAR(10) NOT NULL,
	started_ms BIGINT NOT NULL,
	ended_ms BIGINT,
	records BIGINT NOT NULL,
	micros BIGINT NOT NULL,
	account_id BIGINT
);

CREATE TABLE sweep_rule (
	sweep_id BIGINT NOT NULL REFERENCES sweep (id),
	rule_id TEXT NOT NULL,
	version BIGINT NOT NULL,
	checked BIGINT NOT NULL,
	hit BIGINT NOT NULL,
	exempt BIGINT NOT NULL,
	unknown BIGINT NOT NULL,
	not_in_force BIGINT NOT NULL,
	clean BIGINT NOT NULL,
	suppressed BIGINT NOT NULL,
	fresh BIGINT NOT NULL,
	gone BIGINT NOT NULL,
	micros BIGINT NOT NULL,
	PRIMARY KEY (sweep_id, rule_id)
);
CREATE INDEX sweep_rule_rule ON sweep_rule (rule_id, sweep_id);

CREATE TABLE finding (
	id BIGINT PRIMARY KEY,
	rule_id TEXT NOT NULL,
	rule_version BIGINT NOT NULL,
	type TEXT NOT NULL,
	record_id BIGINT NOT NULL,
	row_key TEXT NOT NULL,
	record_title TEXT NOT NULL,
	org_id BIGINT,
	sealed SMALLINT NOT NULL,
	severity SMALLINT NOT NULL,
	state TEXT NOT NULL,
	present SMALLINT NOT NULL,
	message TEXT NOT NULL,
	evidence TEXT NOT NULL,
	facts TEXT NOT NULL,
	calendar_version TEXT NOT NULL,
	judged_on CHAR(10) NOT NULL,
	clue_id BIGINT,
	first_ms BIGINT NOT NULL,
	last_ms BIGINT NOT NULL,
	UNIQUE (rule_id, record_id)
);
CREATE INDEX finding_org ON finding (org_id, rule_id, state);
CREATE INDEX finding_record ON finding (type, record_id);
CREATE INDEX finding_clue ON finding (clue_id);
CREATE INDEX finding_state ON finding (state, id);

CREATE TABLE finding_verdict (
	id BIGINT PRIMARY KEY,
	finding_id BIGINT NOT NULL REFERENCES finding (id),
	rule_id TEXT NOT NULL,
	verdict TEXT NOT NULL,
	reason TEXT NOT NULL,
	facts TEXT NOT NULL,
	account_id BIGINT,
	account_name TEXT NOT NULL,
	at_ms BIGINT NOT NULL
);
CREATE INDEX finding_verdict_rule ON finding_verdict (rule_id, verdict);
CREATE INDEX finding_verdict_finding ON finding_verdict (finding_id, id);
