-- name: job_insert
INSERT INTO job (id, kind, args, state, account_id, done_count, total_count, attempts, created_ms)
VALUES ($1, $2, $3, 'queued', $4, 0, 0, 0, $5)

-- name: job_by_id
SELECT id, kind, args, result, error, state, account_id, done_count, total_count, attempts, created_ms, started_ms, ended_ms FROM job WHERE id = $1

-- name: job_next
SELECT id, kind FROM job WHERE state = 'queued' ORDER BY id LIMIT 200

-- name: job_claim
UPDATE job SET state = 'running', started_ms = $2, heartbeat_ms = $4, attempts = attempts + 1, worker = $3 WHERE id = $1 AND state = 'queued'

-- name: job_progress_set
UPDATE job SET done_count = $2, total_count = $3, heartbeat_ms = $4 WHERE id = $1 AND state = 'running' AND attempts = $5

-- name: job_end
UPDATE job SET state = $2, result = $3, error = $4, ended_ms = $5 WHERE id = $1 AND state = 'running' AND attempts = $6

-- name: job_beat
UPDATE job SET heartbeat_ms = $2 WHERE worker = $1 AND state = 'running'

-- name: job_running
SELECT id, attempts, worker, heartbeat_ms FROM job WHERE state = 'running' ORDER BY id

-- name: job_requeue
UPDATE job SET state = 'queued', worker = NULL WHERE id = $1 AND state = 'running' AND attempts = $2 AND heartbeat_ms = $3
