-- name: brief_insert
INSERT INTO brief (id, title, type, filters, attachment_id, account_id, account_name, scope_path, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: brief_of_account
SELECT id, title, type, filters, attachment_id, created_ms FROM brief WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3

-- name: brief_by_id
SELECT title, attachment_id FROM brief WHERE id = $1 AND account_id = $2
