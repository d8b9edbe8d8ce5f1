-- name: sweep_insert
INSERT INTO sweep (id, state, today, started_ms, records, micros, account_id) VALUES ($1, 'running', $2, $3, 0, 0, $4)

-- name: sweep_end
UPDATE sweep SET state = $2, ended_ms = $3, records = $4, micros = $5 WHERE id = $1

-- name: sweep_by_id
SELECT id, state, today, started_ms, ended_ms, records, micros FROM sweep WHERE id = $1

-- name: sweep_page
SELECT id, state, today, started_ms, ended_ms, records, micros FROM sweep WHERE id < $1 ORDER BY id DESC LIMIT $2

-- name: sweep_rule_put
INSERT INTO sweep_rule (sweep_id, rule_id, version, checked, hit, exempt, unknown, not_in_force, clean, suppressed, fresh, gone, micros)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (sweep_id, rule_id) DO UPDATE SET checked = excluded.checked, hit = excluded.hit

-- name: sweep_rules_of
SELECT rule_id, version, checked, hit, exempt, unknown, not_in_force, clean, suppressed, fresh, gone, micros FROM sweep_rule WHERE sweep_id = $1 ORDER BY rule_id

-- name: sweep_rule_last
SELECT r.rule_id, r.version, r.checked, r.hit, r.exempt, r.unknown, r.not_in_force, r.clean, r.suppressed, r.fresh, r.gone, r.micros
FROM sweep_rule r JOIN sweep s ON s.id = r.sweep_id WHERE r.rule_id = $1 AND s.state = 'done' ORDER BY r.sweep_id DESC LIMIT 1

-- name: sweep_rules_last
SELECT rule_id, version, checked, hit, exempt, unknown, not_in_force, clean, suppressed, fresh, gone, micros FROM sweep_rule
WHERE sweep_id = (SELECT MAX(id) FROM sweep WHERE state = 'done') ORDER BY rule_id

-- name: finding_of_rule
SELECT id, record_id, state, present, rule_version, facts, message FROM finding WHERE rule_id = $1 ORDER BY record_id

-- name: finding_rules
SELECT DISTINCT rule_id FROM finding WHERE present = 1 ORDER BY rule_id

-- name: finding_insert
INSERT INTO finding (id, rule_id, rule_version, type, record_id, row_key, record_title, org_id, sealed, severity, state, present, message, evidence, facts, first_ms, last_ms,
	calendar_version, judged_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', 1, $11, $12, $13, $14, $14, $15, $16)
ON CONFLICT (rule_id, record_id) DO NOTHING

-- name: finding_refresh
UPDATE finding SET rule_version = $2, org_id = $3, severity = $4, state = $5, present = 1, message = $6, evidence = $7, facts = $8, last_ms = $9, record_title = $10,
	calendar_version = $11, judged_on = $12
WHERE id = $1

-- name: finding_vanish
UPDATE finding SET present = 0, state = CASE WHEN state = 'open' THEN 'gone' ELSE state END, last_ms = $2 WHERE id = $1

-- name: finding_set_state
UPDATE finding SET state = $2, clue_id = COALESCE($3, clue_id), last_ms = $4 WHERE id = $1 AND state IN ('open', 'gone')

-- name: finding_move
UPDATE finding SET state = $2, last_ms = $3
WHERE id = $1 AND ((CAST($2 AS TEXT) = 'accepted' AND clue_id IS NOT NULL AND state IN ('closed', 'rejected')) OR (CAST($2 AS TEXT) <> 'accepted' AND state = 'accepted'))

-- name: finding_set_corrected
UPDATE finding SET state = 'corrected', present = 0, last_ms = $2 WHERE id = $1

-- name: finding_by_id
SELECT f.id, f.rule_id, f.rule_version, f.type, f.record_id, f.row_key, f.record_title, f.org_id, o.name, o.path, f.sealed, f.severity, f.state, f.present,
	f.message, f.clue_id, f.first_ms, f.last_ms, f.facts, f.evidence, f.calendar_version, f.judged_on
FROM finding f LEFT JOIN org o ON o.id = f.org_id WHERE f.id = $1

-- name: finding_page
SELECT f.id, f.rule_id, f.rule_version, f.type, f.record_id, f.row_key, f.record_title, f.org_id, o.name, o.path, f.sealed, f.severity, f.state, f.present,
	f.message, f.clue_id, f.first_ms, f.last_ms
FROM finding f LEFT JOIN org o ON o.id = f.org_id
WHERE f.id < $1
  AND (CAST($2 AS TEXT) = '' OR f.rule_id = $2)
  AND (CAST($3 AS TEXT) = '' OR f.type = $3)
  AND (CAST($4 AS TEXT) = '' OR f.state = $4)
  AND (CAST($5 AS BIGINT) < 0 OR f.severity = $5)
  AND (CAST($6 AS BIGINT) = 0 OR f.record_id = $6)
  AND (CAST($7 AS BIGINT) = 0 OR f.clue_id = $7)
  AND (CAST($8 AS TEXT) = '' OR (o.path >= $8 AND o.path < $9) OR (f.org_id IS NULL AND CAST($15 AS BIGINT) = 1))
  AND (CAST($10 AS TEXT) = '' OR f.message LIKE $11 ESCAPE '\' OR f.row_key LIKE $11 ESCAPE '\' OR f.record_title LIKE $11 ESCAPE '\')
  AND (CAST($12 AS BIGINT) = 0 OR (f.sealed = 0 AND f.state NOT IN ('rejected', 'false_positive') AND f.present = 1))
  AND (CAST($13 AS TEXT) = '' OR (o.path >= $13 AND o.path < $14))

-- name: finding_total
SELECT COUNT(*)
FROM finding f LEFT JOIN org o ON o.id = f.org_id
WHERE f.id < $1
  AND (CAST($2 AS TEXT) = '' OR f.rule_id = $2)
  AND (CAST($3 AS TEXT) = '' OR f.type = $3)
  AND (CAST($4 AS TEXT) = '' OR f.state = $4)
  AND (CAST($5 AS BIGINT) < 0 OR f.severity = $5)
  AND (CAST($6 AS BIGINT) = 0 OR f.record_id = $6)
  AND (CAST($7 AS BIGINT) = 0 OR f.clue_id = $7)
  AND (CAST($8 AS TEXT) = '' OR (o.path >= $8 AND o.path < $9) OR (f.org_id IS NULL AND CAST($15 AS BIGINT) = 1))
  AND (CAST($10 AS TEXT) = '' OR f.message LIKE $11 ESCAPE '\' OR f.row_key LIKE $11 ESCAPE '\' OR f.record_title LIKE $11 ESCAPE '\')
  AND (CAST($12 AS BIGINT) = 0 OR (f.sealed = 0 AND f.state NOT IN ('rejected', 'false_positive') AND f.present = 1))
  AND (CAST($13 AS TEXT) = '' OR (o.path >= $13 AND o.path < $14))

-- Closed by finding_list and finding_summary, which may add the rows of an import.
-- name: finding_cells
SELECT f.org_id, o.name, f.rule_id, SUM(CASE WHEN f.state = 'open' THEN 1 ELSE 0 END), SUM(CASE WHEN f.state = 'accepted' THEN 1 ELSE 0 END), COUNT(*), MAX(f.severity)
FROM finding f LEFT JOIN org o ON o.id = f.org_id
WHERE f.state IN ('open', 'accepted')
  AND (CAST($1 AS TEXT) = '' OR f.type = $1)
  AND (CAST($2 AS TEXT) = '' OR (o.path >= $2 AND o.path < $3) OR (f.org_id IS NULL AND CAST($4 AS BIGINT) = 1))

-- name: finding_open
SELECT f.id FROM finding f LEFT JOIN org o ON o.id = f.org_id
WHERE f.state = 'open' AND (CAST($1 AS TEXT) = '' OR f.rule_id = $1)
  AND (CAST($2 AS TEXT) = '' OR (o.path >= $2 AND o.path < $3) OR (f.org_id IS NULL AND CAST($6 AS BIGINT) = 1))
  AND (CAST($4 AS BIGINT) = 0 OR f.org_id = $4)
ORDER BY f.id LIMIT $5

-- name: verdict_insert
INSERT INTO finding_verdict (id, finding_id, rule_id, verdict, reason, facts, account_id, account_name, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: verdict_counts
SELECT verdict, COUNT(*) FROM finding_verdict WHERE rule_id = $1 GROUP BY verdict

-- name: verdicts_of_finding
SELECT verdict, reason, at_ms, account_name FROM finding_verdict WHERE finding_id = $1 ORDER BY id

-- name: finding_similar
SELECT f.id, f.record_title, f.state, f.message FROM finding f LEFT JOIN org o ON o.id = f.org_id
WHERE f.rule_id = $1 AND f.org_id = $2 AND f.id <> $3 AND f.state <> 'gone' ORDER BY f.id DESC LIMIT 8

-- name: contest_insert
INSERT INTO finding_contest (id, finding_id, rule_id, org_id, reason, account_id, account_name, made_ms, outcome, answer, answerer_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', '')

-- name: contest_by_id
SELECT id, finding_id, rule_id, reason, account_name, made_ms, outcome, answer, answerer_name, answered_ms FROM finding_contest WHERE id = $1

-- name: contests_of_finding
SELECT id, finding_id, rule_id, reason, account_name, made_ms, outcome, answer, answerer_name, answered_ms FROM finding_contest
WHERE finding_id = $1 ORDER BY id DESC LIMIT $2

-- name: contest_page
SELECT c.id, c.finding_id, c.rule_id, c.reason, c.account_name, c.made_ms, c.outcome, c.answer, c.answerer_name, c.answered_ms,
	f.record_title, o.name
FROM finding_contest c JOIN finding f ON f.id = c.finding_id LEFT JOIN org o ON o.id = c.org_id
WHERE c.id < $1 AND (CAST($2 AS BIGINT) = 0 OR c.outcome = '') AND (CAST($3 AS TEXT) = '' OR (o.path >= $3 AND o.path < $4))
ORDER BY c.id DESC LIMIT $5

-- name: contest_answer
UPDATE finding_contest SET outcome = $2, answer = $3, answerer_name = $4, answered_ms = $5 WHERE id = $1 AND outcome = ''

-- name: contest_counts
SELECT outcome, COUNT(*) FROM finding_contest WHERE rule_id = $1 GROUP BY outcome
