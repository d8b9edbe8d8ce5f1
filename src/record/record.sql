-- name: change_bump
UPDATE counter SET value = value + 1 WHERE name = 'record_change'

-- name: change_get
SELECT value FROM counter WHERE name = 'record_change'

-- name: supply_find
SELECT id FROM record_supply WHERE type = $1 AND body = $2

-- name: supply_add
INSERT INTO record_supply (id, type, body) VALUES ($1, $2, $3)

-- name: supply_all
SELECT id, body FROM record_supply WHERE type = $1

-- name: supply_get
SELECT body FROM record_supply WHERE id = $1

-- name: version_add
INSERT INTO record_version (type, record_id, version, import_id, replaced_by, replaced_ms, deleted, supply_id, org_id, region, source_line, digest, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: version_first_of
SELECT version, import_id, deleted, supply_id, org_id, region, source_line, digest, body FROM record_version
WHERE type = $1 AND record_id = $2 AND replaced_by = $3 ORDER BY version LIMIT 1

-- name: version_drop
DELETE FROM record_version WHERE type = $1 AND record_id = $2 AND replaced_by = $3

-- name: version_list
SELECT version, import_id, replaced_by, replaced_ms, deleted, body FROM record_version
WHERE type = $1 AND record_id = $2 ORDER BY version DESC LIMIT 200

-- name: version_later
SELECT i.id, i.name FROM record_version v JOIN import i ON i.id = v.replaced_by
WHERE v.import_id = $1 AND v.replaced_by <> $2 LIMIT 1

-- name: import_add
INSERT INTO import (id, name, type, mapping, mapping_text, sender, sm3, header, state, account_id, org_id, scope_path, read_count, added_count, changed_count,
	same_count, older_count, rejected_count, done_bytes, total_bytes, done_line, created_ms, error)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, 0, 0, 0, 0, 0, $13, 0, $14, '')

-- name: import_by_id
SELECT id, name, type, mapping, mapping_text, sender, sm3, header, state, account_id, org_id, scope_path, job_id, sweep_id, read_count, added_count,
	changed_count, same_count, older_count, rejected_count, done_bytes, total_bytes, done_line, change_from, change_to, created_ms, started_ms,
	ended_ms, undone_ms, error
FROM import WHERE id = $1

-- name: import_list
SELECT id, name, type, mapping, mapping_text, sender, sm3, header, state, account_id, org_id, scope_path, job_id, sweep_id, read_count, added_count,
	changed_count, same_count, older_count, rejected_count, done_bytes, total_bytes, done_line, change_from, change_to, created_ms, started_ms,
	ended_ms, undone_ms, error
FROM import WHERE id < $1 AND scope_path >= $2 AND scope_path < $3 ORDER BY id DESC LIMIT $4

-- name: import_mapping_set
UPDATE import SET type = $2, mapping = $3, mapping_text = $4, sender = $5 WHERE id = $1

-- name: import_state_set
UPDATE import SET state = $2, error = $3 WHERE id = $1

-- name: import_start
UPDATE import SET state = 'running', error = '', started_ms = COALESCE(started_ms, CAST($2 AS BIGINT)) WHERE id = $1

-- name: import_header_set
UPDATE import SET type = $2, mapping = $3, header = $4 WHERE id = $1

-- name: import_job_set
UPDATE import SET state = 'queued', job_id = $2 WHERE id = $1

-- name: import_sweep_set
UPDATE import SET sweep_id = $2 WHERE id = $1

-- name: import_progress
UPDATE import SET read_count = $2, added_count = $3, changed_count = $4, same_count = $5, older_count = $6, rejected_count = $7, done_bytes = $8,
	done_line = $9, change_from = COALESCE(change_from, CAST($10 AS BIGINT)), change_to = $10
WHERE id = $1

-- name: import_end
UPDATE import SET state = $2, ended_ms = $3, error = $4 WHERE id = $1

-- name: import_undone
UPDATE import SET state = 'undone', undone_ms = $2 WHERE id = $1

-- name: reject_add
INSERT INTO import_reject (import_id, line, reasons, cells) VALUES ($1, $2, $3, $4)
ON CONFLICT (import_id, line) DO UPDATE SET reasons = excluded.reasons, cells = excluded.cells

-- name: reject_list
SELECT line, reasons, cells FROM import_reject WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3

-- name: mapping_saved_put
INSERT INTO mapping_saved (id, name, type, sender, header_digest, body, account_id, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (sender, header_digest) DO UPDATE SET name = excluded.name, type = excluded.type, body = excluded.body, created_ms = excluded.created_ms

-- name: mapping_saved_find
SELECT name, type, body, sender FROM mapping_saved WHERE header_digest = $1 ORDER BY created_ms DESC, id DESC LIMIT 1
