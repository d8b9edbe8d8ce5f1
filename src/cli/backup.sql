-- name: backup_tables [sqlite]
SELECT name FROM sqlite_master
WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE 'fts\_%' ESCAPE '\'
ORDER BY rowid
-- name: backup_tables [pg]
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname NOT LIKE 'fts\_%'
ORDER BY c.oid

-- name: context_demo_mark
SELECT value FROM counter WHERE name = 'demo' AND value = 1

-- name: context_demo_set
INSERT INTO counter (name, value) VALUES ('demo', 1) ON CONFLICT (name) DO UPDATE SET value = 1

-- name: backup_account_count
SELECT COUNT(*) FROM account

-- name: backup_record_count
SELECT COUNT(*) FROM import
