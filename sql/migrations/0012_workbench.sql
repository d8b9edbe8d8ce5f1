-- Changed rules: a revision is a rule file kept in the store; at most one of a rule is active.
CREATE TABLE rule_revision (
	id BIGINT PRIMARY KEY,
	rule_id TEXT NOT NULL,
	title TEXT NOT NULL,
	version BIGINT NOT NULL,
	state TEXT NOT NULL,
	body TEXT NOT NULL,
	note TEXT NOT NULL,
	reason TEXT NOT NULL,
	trial TEXT NOT NULL,
	author_id BIGINT NOT NULL,
	author_name TEXT NOT NULL,
	decider_id BIGINT,
	decider_name TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	updated_ms BIGINT NOT NULL,
	decided_ms BIGINT
);
CREATE INDEX rule_revision_rule ON rule_revision (rule_id, id);
CREATE INDEX rule_revision_state ON rule_revision (state, id);

-- Counts the changes of the set of active revisions, so that every process notices them.
INSERT INTO counter (name, value) VALUES ('rule_revision', 0);
