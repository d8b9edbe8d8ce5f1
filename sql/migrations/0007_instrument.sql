-- Documents that are issued, their numbers, their files, and the bureaus' own templates.
CREATE TABLE instrument (
	id BIGINT PRIMARY KEY,
	matter_id BIGINT NOT NULL,
	agency_id BIGINT NOT NULL,
	agency_path TEXT NOT NULL,
	body_id BIGINT NOT NULL,
	body_path TEXT NOT NULL,
	issuer_id BIGINT NOT NULL,
	issuer_name TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	submitted SMALLINT NOT NULL,
	title TEXT NOT NULL,
	main_to TEXT NOT NULL,
	fields TEXT NOT NULL,
	version BIGINT NOT NULL,
	number TEXT NOT NULL,
	check_code TEXT NOT NULL UNIQUE,
	deadline_on CHAR(10),
	issued_on CHAR(10),
	served_on CHAR(10),
	served_to TEXT NOT NULL,
	served_how TEXT NOT NULL,
	gov_approval_no TEXT NOT NULL,
	gov_approved_on CHAR(10),
	sealed SMALLINT NOT NULL,
	to_agency SMALLINT NOT NULL,
	stopped SMALLINT NOT NULL,
	template_id BIGINT,
	drafter_id BIGINT,
	drafter_name TEXT NOT NULL,
	approver_id BIGINT,
	approver_name TEXT NOT NULL,
	opinion TEXT NOT NULL,
	return_reason TEXT NOT NULL,
	void_reason TEXT NOT NULL,
	changes BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	changed_ms BIGINT NOT NULL
);
CREATE INDEX instrument_matter ON instrument (matter_id, id);
CREATE INDEX instrument_body ON instrument (body_id, state, id);
CREATE INDEX instrument_agency ON instrument (agency_id, id);

CREATE TABLE instrument_version (
	instrument_id BIGINT NOT NULL REFERENCES instrument (id),
	version BIGINT NOT NULL,
	title TEXT NOT NULL,
	fields TEXT NOT NULL,
	account_id BIGINT,
	account_name TEXT NOT NULL,
	at_ms BIGINT NOT NULL,
	PRIMARY KEY (instrument_id, version)
);

-- One row a series: the last number given. Updating it makes those who issue at once queue; an undone transaction gives the number back.
CREATE TABLE instrument_series (
	issuer_code TEXT NOT NULL,
	category TEXT NOT NULL,
	year BIGINT NOT NULL,
	last_seq BIGINT NOT NULL,
	PRIMARY KEY (issuer_code, category, year)
);

-- Every number ever given. A voided one keeps its row and is not given again.
CREATE TABLE instrument_number (
	id BIGINT PRIMARY KEY,
	issuer_code TEXT NOT NULL,
	category TEXT NOT NULL,
	year BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	display_no TEXT NOT NULL,
	normalized_no TEXT NOT NULL,
	instrument_id BIGINT NOT NULL REFERENCES instrument (id),
	manual SMALLINT NOT NULL,
	voided SMALLINT NOT NULL,
	void_reason TEXT NOT NULL,
	account_id BIGINT,
	created_ms BIGINT NOT NULL,
	UNIQUE (issuer_code, category, year, seq),
	UNIQUE (issuer_code, normalized_no)
);
CREATE INDEX instrument_number_instrument ON instrument_number (instrument_id);

CREATE TABLE instrument_file (
	id BIGINT PRIMARY KEY,
	instrument_id BIGINT NOT NULL REFERENCES instrument (id),
	role TEXT NOT NULL,
	attachment_id BIGINT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	mime TEXT NOT NULL,
	sm3 TEXT NOT NULL,
	size_bytes BIGINT NOT NULL,
	created_ms BIGINT NOT NULL
);
CREATE INDEX instrument_file_instrument ON instrument_file (instrument_id, id);

CREATE TABLE template (
	id BIGINT PRIMARY KEY,
	body_id BIGINT NOT NULL,
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	sm3 TEXT NOT NULL,
	size_bytes BIGINT NOT NULL,
	placeholders TEXT NOT NULL,
	is_default SMALLINT NOT NULL,
	account_id BIGINT,
	created_ms BIGINT NOT NULL,
	retired_ms BIGINT
);
CREATE INDEX template_body ON template (body_id, kind, id);
