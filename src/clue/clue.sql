-- name: clue_counter_add
INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1

-- name: clue_counter_read
SELECT value FROM counter WHERE name = $1

-- name: clue_insert
INSERT INTO clue (id, no, channel, state, title, content, org_id, owner_id, from_org_id, complainant, phone, phone_digits, sealed, happened_on, received_on,
  rule_id, group_key, source_name, source_no, reason, decided_name, created_by, created_name, created_ms, finding_count)
VALUES ($1, $2, $3, 'received', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, '', '', $19, $20, $21, 0)

-- name: clue_by_id
SELECT c.id, c.no, c.channel, c.state, c.title, c.content, c.org_id, o.name, o.path, c.owner_id, w.name, c.from_org_id, f.name, c.complainant, c.phone,
  c.sealed, c.happened_on, c.received_on, c.rule_id, c.group_key, c.source_name, c.source_no, c.merged_into_id, c.matter_id, c.reason, c.decided_name,
  c.decided_ms, c.created_by, c.created_name, c.created_ms, c.finding_count
FROM clue c
LEFT JOIN org o ON o.id = c.org_id
LEFT JOIN org w ON w.id = c.owner_id
LEFT JOIN org f ON f.id = c.from_org_id
WHERE c.id = $1
  AND (CAST($2 AS TEXT) = '' OR (f.path >= $2 AND f.path < $2 || '~')
    OR (CAST($3 AS BIGINT) = 0 AND ((w.path >= $2 AND w.path < $2 || '~') OR (o.path >= $2 AND o.path < $2 || '~'))))

-- name: clue_page
SELECT c.id, c.no, c.channel, c.state, c.title, c.content, c.org_id, o.name, o.path, c.owner_id, w.name, c.from_org_id, f.name, c.complainant, c.phone,
  c.sealed, c.happened_on, c.received_on, c.rule_id, c.group_key, c.source_name, c.source_no, c.merged_into_id, c.matter_id, c.reason, c.decided_name,
  c.decided_ms, c.created_by, c.created_name, c.created_ms, c.finding_count
FROM clue c
LEFT JOIN org o ON o.id = c.org_id
LEFT JOIN org w ON w.id = c.owner_id
LEFT JOIN org f ON f.id = c.from_org_id
WHERE c.id < $1
  AND (CAST($2 AS TEXT) = '' OR (f.path >= $2 AND f.path < $2 || '~')
    OR (CAST($3 AS BIGINT) = 0 AND ((w.path >= $2 AND w.path < $2 || '~') OR (o.path >= $2 AND o.path < $2 || '~'))))
  AND (CAST($4 AS TEXT) = '' OR c.state = $4)
  AND (CAST($5 AS TEXT) = '' OR c.channel = $5)
  AND (CAST($6 AS BIGINT) = 0 OR c.org_id = $6)
  AND (CAST($7 AS BIGINT) = 0 OR c.matter_id = $7)
  AND (CAST($8 AS TEXT) = '' OR c.rule_id = $8)
  AND (CAST($9 AS TEXT) = '' OR lower(c.no) LIKE $9 ESCAPE '\' OR lower(c.title) LIKE $9 ESCAPE '\' OR lower(c.content) LIKE $9 ESCAPE '\')
ORDER BY c.id DESC LIMIT $10

-- name: clue_total
SELECT count(*)
FROM clue c
LEFT JOIN org o ON o.id = c.org_id
LEFT JOIN org w ON w.id = c.owner_id
LEFT JOIN org f ON f.id = c.from_org_id
WHERE c.id < $1
  AND (CAST($2 AS TEXT) = '' OR (f.path >= $2 AND f.path < $2 || '~')
    OR (CAST($3 AS BIGINT) = 0 AND ((w.path >= $2 AND w.path < $2 || '~') OR (o.path >= $2 AND o.path < $2 || '~'))))
  AND (CAST($4 AS TEXT) = '' OR c.state = $4)
  AND (CAST($5 AS TEXT) = '' OR c.channel = $5)
  AND (CAST($6 AS BIGINT) = 0 OR c.org_id = $6)
  AND (CAST($7 AS BIGINT) = 0 OR c.matter_id = $7)
  AND (CAST($8 AS TEXT) = '' OR c.rule_id = $8)
  AND (CAST($9 AS TEXT) = '' OR lower(c.no) LIKE $9 ESCAPE '\' OR lower(c.title) LIKE $9 ESCAPE '\' OR lower(c.content) LIKE $9 ESCAPE '\')

-- name: clue_alike
SELECT c.id, c.no, c.title, c.state, c.source_no, c.phone_digits, c.org_id, c.happened_on, c.group_key, c.title
FROM clue c
WHERE c.owner_id = $1 AND c.id <> $2 AND c.state <> 'rejected'
  AND ((CAST($3 AS TEXT) <> '' AND c.source_no = $3) OR (CAST($4 AS TEXT) <> '' AND c.phone_digits = $4)
    OR (CAST($5 AS TEXT) <> '' AND c.group_key = $5) OR (c.org_id = $6 AND c.happened_on = $7) OR (c.org_id = $6 AND c.title = $8))
ORDER BY c.id DESC LIMIT 10

-- name: clue_mark
UPDATE clue SET state = $2, reason = $3, merged_into_id = $4, matter_id = $5, decided_by = $6, decided_name = $7, decided_ms = $8
WHERE id = $1 AND state = 'received'

-- name: clue_seal
UPDATE clue SET sealed = 1 WHERE id = $1

-- name: clue_follow_matter
UPDATE clue SET matter_id = $2 WHERE merged_into_id = $1

-- name: clue_findings_move
UPDATE clue_finding SET clue_id = $2 WHERE clue_id = $1

-- name: clue_recount
UPDATE clue SET finding_count = (SELECT count(*) FROM clue_finding f WHERE f.clue_id = clue.id) WHERE id = $1

-- name: clue_finding_put
INSERT INTO clue_finding (finding_id, clue_id) VALUES ($1, $2) ON CONFLICT (finding_id) DO UPDATE SET clue_id = excluded.clue_id

-- name: clue_finding_page
SELECT finding_id FROM clue_finding WHERE clue_id = $1 AND finding_id > $2 ORDER BY finding_id LIMIT $3

-- name: clue_open_group
SELECT id, sealed FROM clue WHERE owner_id = $1 AND group_key = $2 AND state = 'received' ORDER BY id LIMIT 1

-- name: clue_by_source
SELECT id FROM clue WHERE owner_id = $1 AND source_name = $2 AND source_no = $3

-- name: clue_event_insert
INSERT INTO clue_event (id, clue_id, at_ms, action, text, account_id, account_name) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: clue_event_list
SELECT at_ms, action, text, account_name FROM clue_event WHERE clue_id = $1 ORDER BY id LIMIT 500

-- name: clue_inbox_count
SELECT count(*), COALESCE(sum(CASE WHEN received_on <= $2 THEN 1 ELSE 0 END), 0) FROM clue WHERE owner_id = $1 AND state = 'received'

-- name: clue_findings_take
INSERT INTO clue_finding (finding_id, clue_id) SELECT f.id, f.clue_id FROM finding f WHERE f.clue_id = $1 AND f.state = 'accepted'
ON CONFLICT (finding_id) DO UPDATE SET clue_id = excluded.clue_id
