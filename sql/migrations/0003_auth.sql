-- Accounts, sessions, failed attempts.
CREATE TABLE account (
	id BIGINT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	display_name TEXT NOT NULL,
	org_id BIGINT REFERENCES org (id),
	password_hash TEXT NOT NULL,
	roles BIGINT NOT NULL,
	enabled SMALLINT NOT NULL,
	must_change SMALLINT NOT NULL,
	created_ms BIGINT NOT NULL
);
CREATE INDEX account_org ON account (org_id);

CREATE TABLE session (
	token_sm3 TEXT PRIMARY KEY,
	id BIGINT NOT NULL,
	account_id BIGINT NOT NULL REFERENCES account (id),
	csrf TEXT NOT NULL,
	remote TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	seen_ms BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id);

CREATE TABLE login_attempt (
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	failures BIGINT NOT NULL,
	last_ms BIGINT NOT NULL,
	locked_until_ms BIGINT NOT NULL,
	PRIMARY KEY (kind, name)
);
