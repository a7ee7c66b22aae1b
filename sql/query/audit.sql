-- Reading the audit chain: sound means that verify_audit finds nothing.

-- name: audit_verify(slug text?) :many -> org_slug text, seq bigint, problem text
-- role: ctl
select
  org_slug,
  seq,
  problem
from verify_audit(:slug);

-- name: audit_head(slug text?) :many -> org_slug text, seq bigint, hash text
-- role: ctl
select
  org_slug,
  seq,
  hash
from audit_head(:slug);
