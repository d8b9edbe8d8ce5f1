-- name: attachment_insert
INSERT INTO attachment (id, name, mime, sm3, size_bytes, subject, subject_id, sealed, account_id, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: attachment_take
UPDATE attachment SET subject = $3, subject_id = $4, sealed = $5 WHERE id = $1 AND account_id = $2 AND subject = 'upload'

-- name: attachment_by_id
SELECT id, name, mime, sm3, size_bytes, subject, subject_id, sealed, account_id, created_ms FROM attachment WHERE id = $1

-- name: attachment_by_subject
SELECT id, name, mime, sm3, size_bytes, subject, subject_id, sealed, account_id, created_ms
FROM attachment WHERE subject = $1 AND subject_id = $2 ORDER BY id
