-- name: account_insert
INSERT INTO account (id, name, display_name, org_id, password_hash, roles, enabled, must_change, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: account_by_id
SELECT id, name, display_name, org_id, password_hash, roles, enabled, must_change, created_ms FROM account WHERE id = $1

-- name: account_by_name
SELECT id, name, display_name, org_id, password_hash, roles, enabled, must_change, created_ms FROM account WHERE name = $1

-- name: account_page
SELECT id, name, display_name, org_id, password_hash, roles, enabled, must_change, created_ms FROM account
WHERE id > $1 AND (CAST($2 AS TEXT) = '' OR name LIKE $3 ESCAPE '\' OR display_name LIKE $3 ESCAPE '\') ORDER BY id LIMIT $4

-- name: account_set_rights
UPDATE account SET roles = $2, enabled = $3 WHERE id = $1

-- name: account_set_names
UPDATE account SET display_name = $2, org_id = $3 WHERE id = $1

-- name: account_set_password
UPDATE account SET password_hash = $2, must_change = $3 WHERE id = $1

-- name: account_total
SELECT COUNT(*) FROM account

-- name: session_insert
INSERT INTO session (token_sm3, id, account_id, csrf, remote, created_ms, seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $6)

-- name: session_by_token
SELECT s.id, s.csrf, s.created_ms, s.seen_ms, a.id, a.name, a.display_name, a.org_id, a.password_hash, a.roles, a.enabled, a.must_change, a.created_ms
FROM session s JOIN account a ON a.id = s.account_id WHERE s.token_sm3 = $1

-- name: session_seen
UPDATE session SET seen_ms = $2 WHERE id = $1

-- name: session_delete
DELETE FROM session WHERE id = $1

-- name: session_delete_of_account
DELETE FROM session WHERE account_id = $1

-- name: session_delete_old
DELETE FROM session WHERE created_ms < $1 OR seen_ms < $2

-- name: attempt_get
SELECT failures, last_ms, locked_until_ms FROM login_attempt WHERE kind = $1 AND name = $2

-- name: attempt_put
INSERT INTO login_attempt (kind, name, failures, last_ms, locked_until_ms) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kind, name) DO UPDATE SET failures = excluded.failures, last_ms = excluded.last_ms, locked_until_ms = excluded.locked_until_ms

-- name: attempt_clear
DELETE FROM login_attempt WHERE kind = $1 AND name = $2

-- name: demo_mark
SELECT value FROM counter WHERE name = 'demo'
