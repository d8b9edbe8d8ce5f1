-- Clues: what came in, from whom it was collected, who decides about it, and what was decided.
CREATE TABLE clue (
	id BIGINT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	channel TEXT NOT NULL,
	state TEXT NOT NULL,
	title TEXT NOT NULL,
	content TEXT NOT NULL,
	org_id BIGINT,
	owner_id BIGINT NOT NULL,
	from_org_id BIGINT NOT NULL,
	complainant TEXT NOT NULL,
	phone TEXT NOT NULL,
	phone_digits TEXT NOT NULL,
	sealed SMALLINT NOT NULL,
	happened_on CHAR(10),
	received_on CHAR(10) NOT NULL,
	rule_id TEXT NOT NULL,
	group_key TEXT NOT NULL,
	source_name TEXT NOT NULL,
	source_no TEXT,
	merged_into_id BIGINT,
	matter_id BIGINT,
	reason TEXT NOT NULL,
	decided_by BIGINT,
	decided_name TEXT NOT NULL,
	decided_ms BIGINT,
	created_by BIGINT,
	created_name TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	finding_count BIGINT NOT NULL,
	UNIQUE (owner_id, source_name, source_no)
);
CREATE INDEX clue_owner ON clue (owner_id, state, id);
CREATE INDEX clue_org ON clue (org_id, id);
CREATE INDEX clue_from ON clue (from_org_id, id);
CREATE INDEX clue_group ON clue (group_key, state);
CREATE INDEX clue_phone ON clue (phone_digits);
CREATE INDEX clue_matter ON clue (matter_id);

-- A finding belongs to one clue at most.
CREATE TABLE clue_finding (
	finding_id BIGINT PRIMARY KEY,
	clue_id BIGINT NOT NULL
);
CREATE INDEX clue_finding_clue ON clue_finding (clue_id, finding_id);

CREATE TABLE clue_event (
	id BIGINT PRIMARY KEY,
	clue_id BIGINT NOT NULL,
	at_ms BIGINT NOT NULL,
	action TEXT NOT NULL,
	text TEXT NOT NULL,
	account_id BIGINT,
	account_name TEXT NOT NULL
);
CREATE INDEX clue_event_clue ON clue_event (clue_id, id);
