-- Which calendars this store has counted with, and which running clocks moved when holidays were announced.
CREATE TABLE calendar_seen (
	version TEXT PRIMARY KEY,
	seen_ms BIGINT NOT NULL
);

CREATE TABLE clock_move (
	id BIGINT PRIMARY KEY,
	matter_id BIGINT NOT NULL,
	clock_id BIGINT NOT NULL,
	label TEXT NOT NULL,
	due_before CHAR(10) NOT NULL,
	due_after CHAR(10) NOT NULL,
	calendar_version TEXT NOT NULL,
	at_ms BIGINT NOT NULL
);
CREATE INDEX clock_move_matter ON clock_move (matter_id, id);
