-- The first organisation and its first admin, made on the command line.

-- name: org_add(slug text, name text, timezone text) :one -> org_id bigint
-- role: ctl
select add_org(:slug, :name, :timezone) as org_id;

-- name: admin_add(slug text, email text, name text) :one -> user_id bigint
-- role: ctl
select add_admin(:slug, :email, :name) as user_id;
