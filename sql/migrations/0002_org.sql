-- The organisation tree and the named contacts.
CREATE TABLE org (
	id BIGINT PRIMARY KEY,
	parent_id BIGINT REFERENCES org (id),
	code TEXT UNIQUE,
	name TEXT NOT NULL,
	short_name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	short_key TEXT NOT NULL,
	kind TEXT NOT NULL,
	level TEXT NOT NULL,
	path TEXT NOT NULL,
	region TEXT NOT NULL,
	management TEXT NOT NULL,
	superior_name TEXT NOT NULL,
	proxy_char TEXT NOT NULL,
	confirmed_on CHAR(10),
	published_on CHAR(10),
	cancelled_on CHAR(10),
	created_ms BIGINT NOT NULL
);
CREATE INDEX org_path ON org (path);
CREATE INDEX org_parent ON org (parent_id, id);
CREATE INDEX org_name_key ON org (name_key);
CREATE INDEX org_short_key ON org (short_key);

CREATE TABLE org_contact (
	org_id BIGINT NOT NULL REFERENCES org (id),
	role TEXT NOT NULL,
	name TEXT NOT NULL,
	phone TEXT NOT NULL,
	PRIMARY KEY (org_id, role)
);
