-- name: instrument_insert
INSERT INTO instrument (id, matter_id, agency_id, agency_path, body_id, body_path, issuer_id, issuer_name, kind, state, submitted, title, main_to, fields, version, number, check_code, deadline_on, issued_on, served_on,
  served_to, served_how, gov_approval_no, gov_approved_on, sealed, stopped, template_id, drafter_id, drafter_name, approver_id, approver_name, opinion, return_reason, void_reason, changes, created_ms, changed_ms, to_agency)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38)

-- name: instrument_by_id
SELECT id, matter_id, agency_id, agency_path, body_id, body_path, issuer_id, issuer_name, kind, state, submitted, title, main_to, fields, version, number, check_code, deadline_on, issued_on, served_on,
  served_to, served_how, gov_approval_no, gov_approved_on, sealed, stopped, template_id, drafter_id, drafter_name, approver_id, approver_name, opinion, return_reason, void_reason, changes, created_ms, changed_ms, to_agency
FROM instrument WHERE id = $1

-- name: instrument_by_check_code
SELECT id, matter_id, agency_id, agency_path, body_id, body_path, issuer_id, issuer_name, kind, state, submitted, title, main_to, fields, version, number, check_code, deadline_on, issued_on, served_on,
  served_to, served_how, gov_approval_no, gov_approved_on, sealed, stopped, template_id, drafter_id, drafter_name, approver_id, approver_name, opinion, return_reason, void_reason, changes, created_ms, changed_ms, to_agency
FROM instrument WHERE check_code = $1

-- name: instrument_page_down
SELECT id, matter_id, agency_id, agency_path, body_id, body_path, issuer_id, issuer_name, kind, state, submitted, title, main_to, fields, version, number, check_code, deadline_on, issued_on, served_on,
  served_to, served_how, gov_approval_no, gov_approved_on, sealed, stopped, template_id, drafter_id, drafter_name, approver_id, approver_name, opinion, return_reason, void_reason, changes, created_ms, changed_ms, to_agency
FROM instrument
WHERE id < $1
  AND agency_path >= $2 AND agency_path < $3 AND body_path >= $2 AND body_path < $3
  AND (CAST($4 AS BIGINT) = 0 OR matter_id = $4)
  AND (CAST($5 AS TEXT) = '' OR kind = $5)
  AND (CAST($6 AS TEXT) = '' OR state = $6 OR ($6 = 'submitted' AND state = 'draft' AND submitted = 1))
  AND (CAST($7 AS TEXT) = '' OR title LIKE $7 ESCAPE '\' OR number LIKE $7 ESCAPE '\' OR main_to LIKE $7 ESCAPE '\')
  AND (CAST($8 AS BIGINT) = 0 OR agency_id = $8)
  AND (CAST($9 AS BIGINT) = 0 OR EXISTS (
    SELECT 1 FROM instrument p WHERE p.matter_id = instrument.matter_id AND p.kind = 'handling_proposal' AND p.state NOT IN ('draft', 'void')))
ORDER BY id DESC LIMIT $10

-- name: instrument_page_up
SELECT id, matter_id, agency_id, agency_path, body_id, body_path, issuer_id, issuer_name, kind, state, submitted, title, main_to, fields, version, number, check_code, deadline_on, issued_on, served_on,
  served_to, served_how, gov_approval_no, gov_approved_on, sealed, stopped, template_id, drafter_id, drafter_name, approver_id, approver_name, opinion, return_reason, void_reason, changes, created_ms, changed_ms, to_agency
FROM instrument
WHERE id > $1
  AND agency_path >= $2 AND agency_path < $3 AND body_path >= $2 AND body_path < $3
  AND (CAST($4 AS BIGINT) = 0 OR matter_id = $4)
  AND (CAST($5 AS TEXT) = '' OR kind = $5)
  AND (CAST($6 AS TEXT) = '' OR state = $6 OR ($6 = 'submitted' AND state = 'draft' AND submitted = 1))
  AND (CAST($7 AS TEXT) = '' OR title LIKE $7 ESCAPE '\' OR number LIKE $7 ESCAPE '\' OR main_to LIKE $7 ESCAPE '\')
  AND (CAST($8 AS BIGINT) = 0 OR agency_id = $8)
  AND (CAST($9 AS BIGINT) = 0 OR EXISTS (
    SELECT 1 FROM instrument p WHERE p.matter_id = instrument.matter_id AND p.kind = 'handling_proposal' AND p.state NOT IN ('draft', 'void')))
ORDER BY id LIMIT $10

-- name: instrument_update
UPDATE instrument SET state = $3, submitted = $4, title = $5, main_to = $6, fields = $7, version = $8, number = $9, deadline_on = $10, issued_on = $11, served_on = $12, served_to = $13, served_how = $14, gov_approval_no = $15, gov_approved_on = $16, stopped = $17, template_id = $18, approver_id = $19, approver_name = $20, opinion = $21, return_reason = $22, void_reason = $23, changed_ms = $24,
  changes = changes + 1
WHERE id = $1 AND changes = $2

-- name: instrument_stop
UPDATE instrument SET stopped = $2, changed_ms = $3, changes = changes + 1
WHERE matter_id = $1 AND stopped <> $2 AND state NOT IN ('served', 'void')

-- name: instrument_version_insert
INSERT INTO instrument_version (instrument_id, version, title, fields, account_id, account_name, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: instrument_version_list
SELECT version, title, fields, account_name, at_ms FROM instrument_version WHERE instrument_id = $1 ORDER BY version DESC LIMIT 50

-- name: instrument_series_step
INSERT INTO instrument_series (issuer_code, category, year, last_seq) VALUES ($1, $2, $3, 1)
ON CONFLICT (issuer_code, category, year) DO UPDATE SET last_seq = instrument_series.last_seq + 1

-- name: instrument_series_read
SELECT last_seq FROM instrument_series WHERE issuer_code = $1 AND category = $2 AND year = $3

-- name: instrument_number_by_seq
SELECT id FROM instrument_number WHERE issuer_code = $1 AND category = $2 AND year = $3 AND seq = $4

-- name: instrument_number_by_text
SELECT id FROM instrument_number WHERE issuer_code = $1 AND normalized_no = $2

-- name: instrument_number_insert
INSERT INTO instrument_number (id, issuer_code, category, year, seq, display_no, normalized_no, instrument_id, manual, voided, void_reason, account_id, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '', $10, $11)

-- name: instrument_number_void
UPDATE instrument_number SET voided = 1, void_reason = $2 WHERE instrument_id = $1

-- name: instrument_file_insert
INSERT INTO instrument_file (id, instrument_id, role, attachment_id, name, mime, sm3, size_bytes, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: instrument_file_list
SELECT id, instrument_id, role, attachment_id, name, mime, sm3, size_bytes, created_ms FROM instrument_file WHERE instrument_id = $1 ORDER BY id

-- name: instrument_file_by_attachment
SELECT id, instrument_id, role, attachment_id, name, mime, sm3, size_bytes, created_ms FROM instrument_file WHERE attachment_id = $1

-- name: instrument_sealed_content
SELECT id FROM attachment WHERE sm3 = $1 AND sealed = 1 AND subject NOT IN ('instrument', 'upload') LIMIT 1

-- name: template_insert
INSERT INTO template (id, body_id, kind, name, sm3, size_bytes, placeholders, is_default, account_id, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: template_clear_default
UPDATE template SET is_default = 0 WHERE body_id = $1 AND kind = $2 AND is_default = 1

-- name: template_set_default
UPDATE template SET is_default = 1 WHERE id = $1 AND body_id = $2 AND kind = $3 AND retired_ms IS NULL

-- name: template_retire
UPDATE template SET retired_ms = $2, is_default = 0 WHERE id = $1

-- name: template_by_id
SELECT id, body_id, kind, name, sm3, size_bytes, placeholders, is_default, account_id, created_ms FROM template WHERE id = $1

-- name: template_default
SELECT id FROM template WHERE body_id = $1 AND kind = $2 AND is_default = 1 AND retired_ms IS NULL

-- name: template_list
SELECT id, body_id, kind, name, sm3, size_bytes, placeholders, is_default, account_id, created_ms
FROM template WHERE body_id = $1 AND retired_ms IS NULL AND (CAST($2 AS TEXT) = '' OR kind = $2) ORDER BY kind, id
