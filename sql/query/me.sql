-- What a person sees of themselves, beside what every page has (viewer).

-- name: me_page(session bytea) :one -> email text
-- role: member
select own_email(:session) as email;
