-- Queue, audit trail, files, counters: what every module stands on.
CREATE TABLE counter (
	name TEXT PRIMARY KEY,
	value BIGINT NOT NULL
);

CREATE TABLE job (
	id BIGINT PRIMARY KEY,
	kind TEXT NOT NULL,
	args TEXT NOT NULL,
	result TEXT,
	error TEXT,
	state TEXT NOT NULL,
	account_id BIGINT,
	done_count BIGINT NOT NULL,
	total_count BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	started_ms BIGINT,
	heartbeat_ms BIGINT,
	ended_ms BIGINT
);
CREATE INDEX job_state ON job (state, id);

CREATE TABLE audit_log (
	seq BIGINT PRIMARY KEY,
	at_ms BIGINT NOT NULL,
	account_id BIGINT,
	account_name TEXT NOT NULL,
	remote TEXT NOT NULL,
	action TEXT NOT NULL,
	subject TEXT NOT NULL,
	subject_id BIGINT,
	summary TEXT NOT NULL,
	detail TEXT NOT NULL,
	hash TEXT NOT NULL
);
CREATE INDEX audit_log_subject ON audit_log (subject, subject_id, seq);
-- One row: the end of the chain. Updating it first makes writers queue.
CREATE TABLE audit_head (
	id SMALLINT PRIMARY KEY,
	seq BIGINT NOT NULL,
	hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');

CREATE TABLE attachment (
	id BIGINT PRIMARY KEY,
	name TEXT NOT NULL,
	mime TEXT NOT NULL,
	sm3 TEXT NOT NULL,
	size_bytes BIGINT NOT NULL,
	subject TEXT NOT NULL,
	subject_id BIGINT,
	sealed SMALLINT NOT NULL,
	account_id BIGINT,
	created_ms BIGINT NOT NULL
);
CREATE INDEX attachment_subject ON attachment (subject, subject_id, id);
