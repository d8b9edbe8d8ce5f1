-- Briefs that were made: the file is an attachment of subject "brief".
CREATE TABLE brief (
	id BIGINT PRIMARY KEY,
	title TEXT NOT NULL,
	type TEXT NOT NULL,
	filters TEXT NOT NULL,
	attachment_id BIGINT NOT NULL REFERENCES attachment (id),
	account_id BIGINT,
	account_name TEXT NOT NULL,
	scope_path TEXT NOT NULL,
	created_ms BIGINT NOT NULL
);
CREATE INDEX brief_account ON brief (account_id, id);
