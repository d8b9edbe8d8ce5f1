-- name: snapshot_head
SELECT seq, hash FROM audit_head WHERE id = 1

-- name: snapshot_entry
SELECT hash FROM audit_log WHERE seq = $1
