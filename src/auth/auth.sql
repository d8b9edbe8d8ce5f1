-- name: auth_account_insert
INSERT INTO account (id, name, display_name, org_id, scope_org_id, roles, enabled, must_change, demo, password_hash, totp_step, version, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 1, $11)

-- name: auth_account_by_id
SELECT a.id, a.name, a.display_name, a.org_id, a.scope_org_id, a.roles, a.enabled, a.must_change, a.demo, a.version, a.created_ms, a.last_login_ms,
	a.password_hash, a.totp_secret, a.totp_pending, a.totp_step, o.name, o.path, o.kind, o.level
FROM account a JOIN org o ON o.id = a.org_id
WHERE a.id = $1

-- name: auth_account_by_name
SELECT a.id, a.name, a.display_name, a.org_id, a.scope_org_id, a.roles, a.enabled, a.must_change, a.demo, a.version, a.created_ms, a.last_login_ms,
	a.password_hash, a.totp_secret, a.totp_pending, a.totp_step, o.name, o.path, o.kind, o.level
FROM account a JOIN org o ON o.id = a.org_id
WHERE a.name = $1

-- name: auth_account_page
SELECT a.id, a.name, a.display_name, a.org_id, a.scope_org_id, a.roles, a.enabled, a.must_change, a.demo, a.version, a.created_ms, a.last_login_ms,
	a.password_hash, a.totp_secret, a.totp_pending, a.totp_step, o.name, o.path, o.kind, o.level
FROM account a JOIN org o ON o.id = a.org_id
WHERE a.id > $1 AND (CAST($2 AS BIGINT) = 0 OR a.org_id = $2)
  AND (CAST($3 AS TEXT) = '' OR a.name LIKE $4 ESCAPE '\' OR a.display_name LIKE $4 ESCAPE '\')
ORDER BY a.id LIMIT $5

-- name: auth_account_demo
SELECT a.id, a.name, a.display_name, a.org_id, a.scope_org_id, a.roles, a.enabled, a.must_change, a.demo, a.version, a.created_ms, a.last_login_ms,
	a.password_hash, a.totp_secret, a.totp_pending, a.totp_step, o.name, o.path, o.kind, o.level
FROM account a JOIN org o ON o.id = a.org_id
WHERE a.demo = 1 AND a.enabled = 1
ORDER BY a.id LIMIT 20

-- name: auth_account_count
SELECT COUNT(*) FROM account

-- name: auth_account_count_role
SELECT COUNT(*) FROM account WHERE enabled = 1 AND roles = $1 AND id <> $2

-- name: auth_account_rights
UPDATE account SET roles = $2, scope_org_id = $3, enabled = $4, version = version + 1 WHERE id = $1

-- name: auth_account_seed
UPDATE account SET display_name = $2, org_id = $3, roles = $4, enabled = $5, must_change = $6, demo = $7, password_hash = $8, version = version + 1
WHERE id = $1

-- name: auth_account_display
UPDATE account SET display_name = $2, version = version + 1 WHERE id = $1

-- name: auth_account_move
UPDATE account SET org_id = $2, scope_org_id = NULL, roles = '', enabled = 0, version = version + 1 WHERE id = $1

-- name: auth_account_password
UPDATE account SET password_hash = $2, must_change = $3, version = version + 1 WHERE id = $1

-- name: auth_account_reset
UPDATE account SET password_hash = $2, must_change = 1, enabled = 0, totp_secret = NULL, totp_pending = NULL, totp_step = 0, version = version + 1
WHERE id = $1

-- name: auth_account_signed_in
UPDATE account SET last_login_ms = $2 WHERE id = $1

-- name: auth_totp_set
UPDATE account SET totp_secret = $2, totp_pending = $3, version = version + 1 WHERE id = $1

-- name: auth_totp_used
UPDATE account SET totp_step = $2 WHERE id = $1 AND totp_step < $2

-- name: auth_actor_by_token
SELECT a.id, a.display_name, a.roles, a.enabled, a.must_change, a.org_id, o.path, o.kind, p.path, p.kind, p.level, n.path, s.id, s.created_ms, s.seen_ms
FROM session s
JOIN account a ON a.id = s.account_id
JOIN org o ON o.id = a.org_id
LEFT JOIN org p ON p.id = o.parent_id
LEFT JOIN org n ON n.id = a.scope_org_id
WHERE s.token_sm3 = $1

-- name: auth_actor_by_account
SELECT a.id, a.display_name, a.roles, a.enabled, a.must_change, a.org_id, o.path, o.kind, p.path, p.kind, p.level, n.path, 0, 0, 0
FROM account a
JOIN org o ON o.id = a.org_id
LEFT JOIN org p ON p.id = o.parent_id
LEFT JOIN org n ON n.id = a.scope_org_id
WHERE a.id = $1

-- name: auth_session_insert
INSERT INTO session (id, token_sm3, account_id, remote, created_ms, seen_ms) VALUES ($1, $2, $3, $4, $5, $5)

-- name: auth_session_seen
UPDATE session SET seen_ms = $2 WHERE id = $1

-- name: auth_session_delete
DELETE FROM session WHERE id = $1

-- name: auth_session_delete_of
DELETE FROM session WHERE account_id = $1 AND id <> $2

-- name: auth_session_prune
DELETE FROM session WHERE seen_ms < $1 OR created_ms < $2

-- name: auth_attempt_insert
INSERT INTO login_attempt (id, at_ms, name, remote) VALUES ($1, $2, $3, $4)

-- name: auth_attempt_by_name
SELECT at_ms FROM login_attempt WHERE name = $1 ORDER BY at_ms DESC LIMIT $2

-- name: auth_attempt_by_remote
SELECT at_ms FROM login_attempt WHERE remote = $1 ORDER BY at_ms DESC LIMIT $2

-- name: auth_attempt_forget
DELETE FROM login_attempt WHERE name = $1

-- name: auth_attempt_prune
DELETE FROM login_attempt WHERE at_ms < $1
