-- Imports and their provenance. The r_<type> tables and their search indexes are made from the dictionary (record_tables_ensure).
INSERT INTO counter (name, value) VALUES ('record_change', 0);

CREATE TABLE import (
	id BIGINT PRIMARY KEY,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	mapping TEXT NOT NULL,
	mapping_text TEXT NOT NULL,
	sender TEXT NOT NULL,
	sm3 TEXT NOT NULL,
	header TEXT NOT NULL,
	state TEXT NOT NULL,
	account_id BIGINT,
	org_id BIGINT,
	scope_path TEXT NOT NULL,
	job_id BIGINT,
	sweep_id BIGINT,
	read_count BIGINT NOT NULL,
	added_count BIGINT NOT NULL,
	changed_count BIGINT NOT NULL,
	same_count BIGINT NOT NULL,
	older_count BIGINT NOT NULL,
	rejected_count BIGINT NOT NULL,
	done_bytes BIGINT NOT NULL,
	total_bytes BIGINT NOT NULL,
	done_line BIGINT NOT NULL,
	change_from BIGINT,
	change_to BIGINT,
	created_ms BIGINT NOT NULL,
	started_ms BIGINT,
	ended_ms BIGINT,
	undone_ms BIGINT,
	error TEXT NOT NULL
);
CREATE INDEX import_state ON import (state, id);

CREATE TABLE import_reject (
	import_id BIGINT NOT NULL,
	line BIGINT NOT NULL,
	reasons TEXT NOT NULL,
	cells TEXT NOT NULL,
	PRIMARY KEY (import_id, line)
);

CREATE TABLE mapping_saved (
	id BIGINT PRIMARY KEY,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	sender TEXT NOT NULL,
	header_digest TEXT NOT NULL,
	body TEXT NOT NULL,
	account_id BIGINT,
	created_ms BIGINT NOT NULL,
	UNIQUE (sender, header_digest)
);

-- What a source supplies, by names: {"columns":[…],"children":{"officers":[…]}}.
CREATE TABLE record_supply (
	id BIGINT PRIMARY KEY,
	type TEXT NOT NULL,
	body TEXT NOT NULL,
	UNIQUE (type, body)
);

-- The state of a record before an import changed it.
CREATE TABLE record_version (
	type TEXT NOT NULL,
	record_id BIGINT NOT NULL,
	version BIGINT NOT NULL,
	import_id BIGINT NOT NULL,
	replaced_by BIGINT NOT NULL,
	replaced_ms BIGINT NOT NULL,
	deleted SMALLINT NOT NULL,
	supply_id BIGINT NOT NULL,
	org_id BIGINT,
	region TEXT,
	source_line BIGINT,
	digest TEXT NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (type, record_id, version)
);
CREATE INDEX record_version_replaced ON record_version (replaced_by, record_id);
CREATE INDEX record_version_import ON record_version (import_id, record_id);
