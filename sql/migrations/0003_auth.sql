-- Accounts, sessions (only the digest of a token is kept), failed sign-ins.
CREATE TABLE account (
	id BIGINT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	display_name TEXT NOT NULL,
	org_id BIGINT NOT NULL REFERENCES org (id),
	scope_org_id BIGINT REFERENCES org (id),
	roles TEXT NOT NULL,
	enabled SMALLINT NOT NULL,
	must_change SMALLINT NOT NULL,
	demo SMALLINT NOT NULL,
	password_hash TEXT NOT NULL,
	totp_secret TEXT,
	totp_pending TEXT,
	totp_step BIGINT NOT NULL,
	version BIGINT NOT NULL,
	created_ms BIGINT NOT NULL,
	last_login_ms BIGINT
);
CREATE INDEX account_org ON account (org_id, id);

CREATE TABLE session (
	id BIGINT PRIMARY KEY,
	token_sm3 TEXT NOT NULL UNIQUE,
	account_id BIGINT NOT NULL REFERENCES account (id),
	remote TEXT NOT NULL,
	created_ms BIGINT NOT NULL,
	seen_ms BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_seen ON session (seen_ms);

CREATE TABLE login_attempt (
	id BIGINT PRIMARY KEY,
	at_ms BIGINT NOT NULL,
	name TEXT NOT NULL,
	remote TEXT NOT NULL
);
CREATE INDEX login_attempt_name ON login_attempt (name, at_ms);
CREATE INDEX login_attempt_remote ON login_attempt (remote, at_ms);
CREATE INDEX login_attempt_at ON login_attempt (at_ms);
