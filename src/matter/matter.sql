-- name: matter_counter_add
INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1

-- name: matter_counter_read
SELECT value FROM counter WHERE name = $1

-- name: matter_insert
INSERT INTO matter (id, no, title, assigned_title, assigned_text, org_id, body_id, handler_id, handler_name, step, state, mode, sealed, finding, kind, major,
  facts, evidence, correctable, corrected_on_spot, instrument_choice, instrument_reason, basis_note, in_proceedings, proceedings, unheeded, verify_failed,
  gov_approval_no, rectified, outcome, outcome_reason, round_ms, version, created_ms, changed_ms)
VALUES ($1, $2, $3, '', '', $4, $5, $6, $7, $8, 'open', '', $9, 0, '', 0, '', '', 0, 0, '', '', '', 0, '', 0, 0, '', 0, '', '', 0, 1, $10, $10)

-- name: matter_by_id
SELECT m.id, m.no, m.title, m.assigned_title, m.assigned_text, m.org_id, o.name, o.path, m.body_id, b.name, m.handler_id, m.handler_name, m.step, m.state,
  m.mode, CASE WHEN m.sealed = 1 OR EXISTS (SELECT 1 FROM clue c WHERE c.matter_id = m.id AND c.sealed = 1) THEN 1 ELSE 0 END, m.finding, m.kind, m.major, m.facts, m.evidence, m.correctable, m.corrected_on_spot, m.instrument_choice, m.instrument_reason,
  m.basis_note, m.in_proceedings, m.proceedings, m.proceedings_on, m.unheeded, m.verify_failed, m.proposal_on, m.served_on, m.gov_approval_no,
  m.gov_approved_on, m.upper_notified_on, m.rectified, m.outcome, m.outcome_reason, m.version, m.created_ms, m.changed_ms, m.closed_ms, o.management,
  o.superior_name, (SELECT min(k.due_on) FROM matter_clock k WHERE k.matter_id = m.id AND k.state = 'running'), m.round_ms
FROM matter m JOIN org o ON o.id = m.org_id JOIN org b ON b.id = m.body_id
WHERE m.id = $1
  AND (CAST($2 AS TEXT) = '' OR (o.path >= $2 AND o.path < $2 || '~') OR (b.path >= $2 AND b.path < $2 || '~'))
  AND (CAST($3 AS BIGINT) = 0 OR m.proposal_on IS NOT NULL)
  AND (CAST($4 AS BIGINT) = 0 OR ((o.path >= $2 AND o.path < $2 || '~') AND (m.assigned_text <> '' OR m.served_on IS NOT NULL)))

-- name: matter_page
SELECT m.id, m.no, m.title, m.assigned_title, m.assigned_text, m.org_id, o.name, o.path, m.body_id, b.name, m.handler_id, m.handler_name, m.step, m.state,
  m.mode, CASE WHEN m.sealed = 1 OR EXISTS (SELECT 1 FROM clue c WHERE c.matter_id = m.id AND c.sealed = 1) THEN 1 ELSE 0 END, m.finding, m.kind, m.major, m.facts, m.evidence, m.correctable, m.corrected_on_spot, m.instrument_choice, m.instrument_reason,
  m.basis_note, m.in_proceedings, m.proceedings, m.proceedings_on, m.unheeded, m.verify_failed, m.proposal_on, m.served_on, m.gov_approval_no,
  m.gov_approved_on, m.upper_notified_on, m.rectified, m.outcome, m.outcome_reason, m.version, m.created_ms, m.changed_ms, m.closed_ms, o.management,
  o.superior_name, (SELECT min(k.due_on) FROM matter_clock k WHERE k.matter_id = m.id AND k.state = 'running'), m.round_ms
FROM matter m JOIN org o ON o.id = m.org_id JOIN org b ON b.id = m.body_id
WHERE m.id < $1
  AND (CAST($2 AS TEXT) = '' OR (o.path >= $2 AND o.path < $2 || '~') OR (b.path >= $2 AND b.path < $2 || '~'))
  AND (CAST($3 AS BIGINT) = 0 OR m.proposal_on IS NOT NULL)
  AND (CAST($4 AS BIGINT) = 0 OR ((o.path >= $2 AND o.path < $2 || '~') AND (m.assigned_text <> '' OR m.served_on IS NOT NULL)))
  AND (CAST($5 AS TEXT) = '' OR m.state = $5)
  AND (CAST($6 AS TEXT) = '' OR m.step = $6)
  AND (CAST($7 AS TEXT) = '' OR m.kind = $7)
  AND (CAST($8 AS BIGINT) = 0 OR m.org_id = $8)
  AND (CAST($9 AS TEXT) = '' OR lower(m.no) LIKE $9 ESCAPE '\' OR lower(m.assigned_title) LIKE $9 ESCAPE '\' OR lower(o.name) LIKE $9 ESCAPE '\'
    OR (CAST($4 AS BIGINT) = 0 AND lower(m.title) LIKE $9 ESCAPE '\'))
  AND (CAST($10 AS TEXT) = '' OR EXISTS (SELECT 1 FROM matter_clock k WHERE k.matter_id = m.id AND k.state = 'running' AND k.due_on <= $10))
ORDER BY m.id DESC LIMIT $11

-- name: matter_total
SELECT count(*)
FROM matter m JOIN org o ON o.id = m.org_id JOIN org b ON b.id = m.body_id
WHERE m.id < $1
  AND (CAST($2 AS TEXT) = '' OR (o.path >= $2 AND o.path < $2 || '~') OR (b.path >= $2 AND b.path < $2 || '~'))
  AND (CAST($3 AS BIGINT) = 0 OR m.proposal_on IS NOT NULL)
  AND (CAST($4 AS BIGINT) = 0 OR ((o.path >= $2 AND o.path < $2 || '~') AND (m.assigned_text <> '' OR m.served_on IS NOT NULL)))
  AND (CAST($5 AS TEXT) = '' OR m.state = $5)
  AND (CAST($6 AS TEXT) = '' OR m.step = $6)
  AND (CAST($7 AS TEXT) = '' OR m.kind = $7)
  AND (CAST($8 AS BIGINT) = 0 OR m.org_id = $8)
  AND (CAST($9 AS TEXT) = '' OR lower(m.no) LIKE $9 ESCAPE '\' OR lower(m.assigned_title) LIKE $9 ESCAPE '\' OR lower(o.name) LIKE $9 ESCAPE '\'
    OR (CAST($4 AS BIGINT) = 0 AND lower(m.title) LIKE $9 ESCAPE '\'))
  AND (CAST($10 AS TEXT) = '' OR EXISTS (SELECT 1 FROM matter_clock k WHERE k.matter_id = m.id AND k.state = 'running' AND k.due_on <= $10))

-- name: matter_update
UPDATE matter SET assigned_title = $3, assigned_text = $4, handler_id = $5, handler_name = $6, step = $7, state = $8, mode = $9, sealed = $10, finding = $11,
  kind = $12, major = $13, facts = $14, evidence = $15, correctable = $16, corrected_on_spot = $17, instrument_choice = $18, instrument_reason = $19,
  basis_note = $20, in_proceedings = $21, proceedings = $22, proceedings_on = $23, unheeded = $24, verify_failed = $25, proposal_on = $26, served_on = $27,
  gov_approval_no = $28, gov_approved_on = $29, upper_notified_on = $30, rectified = $31, outcome = $32, outcome_reason = $33, changed_ms = $34,
  closed_ms = $35, round_ms = $36, version = version + 1
WHERE id = $1 AND version = $2

-- name: matter_clue_insert
INSERT INTO matter_clue (matter_id, clue_id) VALUES ($1, $2)

-- name: matter_clue_list
SELECT id FROM clue WHERE matter_id = $1 ORDER BY id

-- name: matter_event_insert
INSERT INTO matter_event (id, matter_id, at_ms, action, text, detail, account_id, account_name, for_agency) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: matter_event_list
SELECT id, at_ms, action, text, detail, account_name, for_agency FROM matter_event WHERE matter_id = $1 AND for_agency >= $2 ORDER BY id LIMIT 2000

-- name: matter_clock_insert
INSERT INTO matter_clock (id, matter_id, name, instrument_id, label, kind, basis, note, start_on, length, unit, roll, pauses, extensions, state, due_plain,
  due_on, explanation)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)

-- name: matter_clock_update
UPDATE matter_clock SET pauses = $2, extensions = $3, ended_on = $4, state = $5, due_plain = $6, due_on = $7, explanation = $8 WHERE id = $1

-- name: matter_clock_list
SELECT id, name, instrument_id, label, kind, basis, note, start_on, length, unit, roll, pauses, extensions, ended_on, state, due_plain, due_on, explanation
FROM matter_clock WHERE matter_id = $1 ORDER BY id

-- name: matter_reply_insert
INSERT INTO matter_reply (id, matter_id, instrument_id, type, text, items, until_on, finding_ids, on_paper, received_on, org_id, account_id, account_name,
  state, decision, reason, decided_name, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'received', '', '', '', $14)

-- name: matter_reply_list
SELECT id, matter_id, instrument_id, type, text, items, until_on, finding_ids, on_paper, received_on, org_id, account_name, state, decision, reason,
  decided_name, decided_ms, created_ms
FROM matter_reply WHERE matter_id = $1 ORDER BY id

-- name: matter_reply_by_id
SELECT r.matter_id, o.path FROM matter_reply r JOIN org o ON o.id = r.org_id WHERE r.id = $1

-- name: matter_reply_decide
UPDATE matter_reply SET state = $2, decision = $3, reason = $4, decided_name = $5, decided_ms = $6 WHERE id = $1 AND state = 'received'

-- name: matter_replies_settle
UPDATE matter_reply SET state = $2, decision = $2, decided_name = $3, decided_ms = $4
WHERE matter_id = $1 AND state = 'received' AND (type = 'explanation' OR (type = 'correction' AND CAST($5 AS BIGINT) = 1))

-- name: matter_assist_insert
INSERT INTO matter_assist (id, matter_id, org_id, text, until_on, asked_name, created_ms, answer, answered_name) VALUES ($1, $2, $3, $4, $5, $6, $7, '', '')

-- name: matter_assist_page
SELECT a.id, a.matter_id, a.org_id, o.name, a.text, a.until_on, a.asked_name, a.created_ms, a.answer, a.answered_name, a.answered_ms, m.no
FROM matter_assist a JOIN org o ON o.id = a.org_id JOIN matter m ON m.id = a.matter_id
WHERE a.id < $1 AND (CAST($2 AS BIGINT) = 0 OR a.matter_id = $2) AND (CAST($3 AS TEXT) = '' OR (o.path >= $3 AND o.path < $3 || '~'))
  AND (CAST($4 AS BIGINT) = 0 OR a.answered_ms IS NULL)
ORDER BY a.id DESC LIMIT $5

-- name: matter_assist_answer
UPDATE matter_assist SET answer = $2, answered_name = $3, answered_ms = $4 WHERE id = $1 AND answered_ms IS NULL

-- name: matter_desk_clocks
SELECT k.id, k.name, k.instrument_id, k.label, k.kind, k.basis, k.note, k.start_on, k.length, k.unit, k.roll, k.pauses, k.extensions, k.ended_on, k.state,
  k.due_plain, k.due_on, k.explanation, m.id, m.title, m.handler_id, o.name
FROM matter_clock k JOIN matter m ON m.id = k.matter_id JOIN org o ON o.id = m.org_id
WHERE k.state = 'running' AND m.body_id = $1 AND m.state = 'open' ORDER BY k.due_on, k.id LIMIT $2

-- name: matter_desk_replies
SELECT m.id, m.no, m.title, o.name, r.type, r.received_on, m.handler_id
FROM matter_reply r JOIN matter m ON m.id = r.matter_id JOIN org o ON o.id = m.org_id
WHERE r.state = 'received' AND m.body_id = $1 AND m.state <> 'closed' ORDER BY r.id LIMIT $2

-- name: matter_desk_reply_count
SELECT count(*) FROM matter_reply r JOIN matter m ON m.id = r.matter_id WHERE r.state = 'received' AND m.body_id = $1 AND m.state <> 'closed'

-- name: matter_desk_proposals
SELECT m.id, m.no, m.title, o.name, m.proposal_on
FROM matter m JOIN org o ON o.id = m.org_id JOIN org b ON b.id = m.body_id
WHERE m.proposal_on IS NOT NULL AND m.gov_approved_on IS NULL AND m.state = 'open' AND (CAST($1 AS TEXT) = '' OR (b.path >= $1 AND b.path < $1 || '~'))
ORDER BY m.proposal_on, m.id LIMIT $2

-- name: matter_desk_assigned
SELECT k.id, k.name, k.instrument_id, k.label, k.kind, k.basis, k.note, k.start_on, k.length, k.unit, k.roll, k.pauses, k.extensions, k.ended_on, k.state,
  k.due_plain, k.due_on, k.explanation, m.id, m.no, m.assigned_title
FROM matter_clock k JOIN matter m ON m.id = k.matter_id JOIN org o ON o.id = m.org_id
WHERE k.state = 'running' AND k.instrument_id IS NOT NULL AND m.state = 'open'
  AND (m.assigned_text <> '' OR m.served_on IS NOT NULL) AND (o.path >= $1 AND o.path < $1 || '~')
ORDER BY k.due_on, k.id LIMIT $2

-- name: matter_desk_week
SELECT
  (SELECT count(*) FROM clue c WHERE c.owner_id = $1 AND c.created_ms >= $2 AND c.created_ms < $3),
  (SELECT count(*) FROM matter m WHERE m.body_id = $1 AND m.created_ms >= $2 AND m.created_ms < $3),
  (SELECT count(*) FROM matter m WHERE m.body_id = $1 AND m.closed_ms >= $2 AND m.closed_ms < $3),
  (SELECT count(*) FROM matter_reply r JOIN matter m ON m.id = r.matter_id WHERE m.body_id = $1 AND r.created_ms >= $2 AND r.created_ms < $3)

-- name: matter_desk_state
SELECT
  (SELECT count(*) FROM matter m WHERE m.body_id = $1 AND m.state = 'open'),
  (SELECT count(*) FROM matter m WHERE m.body_id = $1 AND m.state = 'suspended'),
  (SELECT count(DISTINCT k.matter_id) FROM matter_clock k JOIN matter m ON m.id = k.matter_id WHERE m.body_id = $1 AND m.state = 'open'
    AND k.state = 'running' AND k.due_on < $2),
  (SELECT count(*) FROM matter m WHERE m.body_id = $1 AND m.state = 'open' AND m.unheeded = 1)

-- name: matter_desk_agency_news
SELECT m.id, m.no, m.assigned_title, e.at_ms, e.text
FROM matter_event e JOIN matter m ON m.id = e.matter_id JOIN org o ON o.id = m.org_id
WHERE e.for_agency = 1 AND e.at_ms >= $1 AND e.action <> 'reply' AND (m.assigned_text <> '' OR m.served_on IS NOT NULL)
  AND (o.path >= $2 AND o.path < $2 || '~')
ORDER BY e.id DESC LIMIT 20

-- name: matter_desk_body_news
SELECT m.id, m.no, m.title, a.answered_ms, o.name
FROM matter_assist a JOIN matter m ON m.id = a.matter_id JOIN org o ON o.id = a.org_id
WHERE a.answered_ms >= $1 AND m.body_id = $2 ORDER BY a.answered_ms DESC LIMIT 20

-- name: calendar_seen_last
SELECT version FROM calendar_seen ORDER BY seen_ms DESC, version LIMIT 1

-- name: calendar_seen_put
INSERT INTO calendar_seen (version, seen_ms) VALUES ($1, $2) ON CONFLICT (version) DO UPDATE SET seen_ms = excluded.seen_ms

-- name: clocks_going_on
SELECT id, name, instrument_id, label, kind, basis, note, start_on, length, unit, roll, pauses, extensions, ended_on, state, due_plain, due_on, explanation,
  matter_id
FROM matter_clock WHERE state IN ('running', 'paused') AND id > $1 ORDER BY id LIMIT $2

-- name: clock_move_insert
INSERT INTO clock_move (id, matter_id, clock_id, label, due_before, due_after, calendar_version, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: clock_move_page
SELECT v.id, v.matter_id, m.no, m.title, v.label, v.due_before, v.due_after, v.calendar_version, v.at_ms
FROM clock_move v JOIN matter m ON m.id = v.matter_id JOIN org b ON b.id = m.body_id
WHERE v.id < $1 AND (CAST($2 AS TEXT) = '' OR (b.path >= $2 AND b.path < $3)) ORDER BY v.id DESC LIMIT $4
