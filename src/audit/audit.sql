-- name: audit_head_lock
UPDATE audit_head SET seq = seq + 1 WHERE id = 1

-- name: audit_head_read
SELECT seq, hash FROM audit_head WHERE id = 1

-- name: audit_head_set
UPDATE audit_head SET hash = $1 WHERE id = 1

-- name: audit_insert
INSERT INTO audit_log (seq, at_ms, account_id, account_name, remote, action, subject, subject_id, summary, detail, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: audit_from
SELECT seq, at_ms, account_id, account_name, remote, action, subject, subject_id, summary, detail, hash
FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT 5000

-- name: audit_page
SELECT seq, at_ms, account_id, account_name, remote, action, subject, subject_id, summary, detail, hash
FROM audit_log
WHERE seq < $1 AND (CAST($2 AS TEXT) = '' OR subject = $2) AND (CAST($3 AS BIGINT) = 0 OR subject_id = $3)
  AND (CAST($4 AS TEXT) = '' OR (action >= $4 AND action < $5))
ORDER BY seq DESC LIMIT $6
