-- An agency's objection to a finding of its own, before anything became of it, and what the supervision body answered.
CREATE TABLE finding_contest (
	id BIGINT PRIMARY KEY,
	finding_id BIGINT NOT NULL REFERENCES finding (id),
	rule_id TEXT NOT NULL,
	org_id BIGINT,
	reason TEXT NOT NULL,
	account_id BIGINT NOT NULL,
	account_name TEXT NOT NULL,
	made_ms BIGINT NOT NULL,
	outcome TEXT NOT NULL,
	answer TEXT NOT NULL,
	answerer_name TEXT NOT NULL,
	answered_ms BIGINT
);
CREATE INDEX finding_contest_finding ON finding_contest (finding_id, id);
CREATE INDEX finding_contest_rule ON finding_contest (rule_id, outcome);
CREATE INDEX finding_contest_open ON finding_contest (outcome, id);
