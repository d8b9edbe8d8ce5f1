-- name: migration_done
SELECT name FROM schema_version WHERE name = $1

-- name: migration_add
INSERT INTO schema_version (name, version, applied_ms) VALUES ($1, $2, $3)

-- name: migration_last
SELECT COALESCE(MAX(version), 0) FROM schema_version

-- name: migration_lock [pg]
LOCK TABLE schema_version IN EXCLUSIVE MODE
-- name: migration_lock [sqlite]
SELECT 1
