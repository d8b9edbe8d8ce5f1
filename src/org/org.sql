-- name: org_insert
INSERT INTO org (id, parent_id, code, name, short_name, name_key, short_key, kind, level, path, region, management, superior_name, proxy_char,
	confirmed_on, published_on, cancelled_on, created_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)

-- name: org_change
UPDATE org SET name = $2, short_name = $3, name_key = $4, short_key = $5, management = $6, superior_name = $7, proxy_char = $8,
	confirmed_on = $9, published_on = $10, cancelled_on = $11
WHERE id = $1

-- name: org_by_id
SELECT id, parent_id, code, name, short_name, kind, level, path, region, management, superior_name, proxy_char, confirmed_on, published_on, cancelled_on, created_ms
FROM org WHERE id = $1

-- name: org_by_code
SELECT id FROM org WHERE code = $1

-- name: org_by_name
SELECT id FROM org WHERE name_key = $1 OR short_key = $1 ORDER BY CASE WHEN name_key = $1 THEN 0 ELSE 1 END, id LIMIT 2

-- name: org_by_exact_name
SELECT id FROM org WHERE name_key = $1 ORDER BY id LIMIT 2

-- name: org_page
SELECT id, parent_id, code, name, short_name, kind, level, path, region, management, superior_name, proxy_char, confirmed_on, published_on, cancelled_on, created_ms
FROM org
WHERE id > $1 AND path >= $2 AND path < $3
  AND (CAST($4 AS BIGINT) = 0 OR parent_id = $4)
  AND (CAST($5 AS TEXT) = '' OR kind = $5 OR ($5 = 'supervised' AND kind IN ('agency', 'dispatched_organ', 'authorised_org', 'entrusted_org')))
  AND (CAST($6 AS TEXT) = '' OR name_key LIKE $7 ESCAPE '\' OR short_key LIKE $7 ESCAPE '\' OR code = $6)
ORDER BY id LIMIT $8

-- name: org_child_of_kind
SELECT id, parent_id, code, name, short_name, kind, level, path, region, management, superior_name, proxy_char, confirmed_on, published_on, cancelled_on, created_ms
FROM org WHERE parent_id = $1 AND kind = $2 ORDER BY id LIMIT 1

-- name: org_government_of_region
SELECT id, path FROM org WHERE kind = 'government' AND region <> '' AND substr(CAST($1 AS TEXT), 1, LENGTH(region)) = region ORDER BY LENGTH(region) DESC, id LIMIT 1

-- name: org_contact_put
INSERT INTO org_contact (org_id, role, name, phone) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, role) DO UPDATE SET name = excluded.name, phone = excluded.phone

-- name: org_contact_list
SELECT role, name, phone FROM org_contact WHERE org_id = $1 ORDER BY role
