-- name: revision_change_get
SELECT value FROM counter WHERE name = 'rule_revision'

-- name: revision_change_bump
UPDATE counter SET value = value + 1 WHERE name = 'rule_revision'

-- name: revision_active_texts
SELECT rule_id, body FROM rule_revision WHERE state = 'active' ORDER BY rule_id, id

-- name: revision_insert
INSERT INTO rule_revision (id, rule_id, title, version, state, body, note, reason, trial, author_id, author_name, decider_name, created_ms, updated_ms)
VALUES ($1, $2, $3, $4, 'draft', $5, $6, '', '', $7, $8, '', $9, $9)

-- name: revision_update
UPDATE rule_revision SET rule_id = $2, title = $3, version = $4, body = $5, note = $6, updated_ms = $7 WHERE id = $1

-- name: revision_by_id
SELECT id, rule_id, title, version, state, note, reason, author_id, author_name, decider_id, decider_name, created_ms, updated_ms, decided_ms, body, trial
FROM rule_revision WHERE id = $1

-- name: revision_page
SELECT id, rule_id, title, version, state, note, reason, author_id, author_name, decider_id, decider_name, created_ms, updated_ms, decided_ms
FROM rule_revision WHERE id < $1 AND (rule_id = $2 OR $2 = '') AND (state = $3 OR $3 = '') ORDER BY id DESC LIMIT $4

-- name: revision_move
UPDATE rule_revision SET state = $3, trial = CASE WHEN $4 = '' THEN trial ELSE $4 END, updated_ms = $5 WHERE id = $1 AND state = $2

-- name: revision_decided
UPDATE rule_revision SET state = $3, reason = $4, decider_id = $5, decider_name = $6, decided_ms = $7, updated_ms = $7 WHERE id = $1 AND state = $2

-- name: revision_retire_others
UPDATE rule_revision SET state = 'retired', updated_ms = $3 WHERE rule_id = $1 AND state = 'active' AND id <> $2
