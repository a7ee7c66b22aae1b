-- Whom somebody named to be told when they stay silent; and what these can do,
-- by their own link.

-- name: contact_list(session bytea) :many -> id bigint
-- role: member
select
  id,
  place,
  name,
  email,
  state = 'asked' as is_asked,
  state = 'consented' as is_consented,
  state = 'declined' as is_declined,
  state = 'withdrawn' as is_withdrawn,
  asked_text,
  answered_text,
  is_suppressed,
  can_ask,
  is_first,
  is_last
from own_contacts(:session);

-- name: contact_add(session bytea, name text, email text, hashes bytea) :one -> id bigint
-- role: member
select contact_add(:session, :name, :email, :hashes) as id;

-- name: contact_ask(session bytea, contact bigint) :exec
-- role: member
select contact_ask(:session, :contact);

-- name: contact_move(session bytea, contact bigint, up boolean) :exec
-- role: member
select contact_move(:session, :contact, :up);

-- name: contact_remove(session bytea, contact bigint) :exec
-- role: member
select contact_remove(:session, :contact);

-- name: contact_link(contact bigint, generation int, expires timestamptz) :one -> is_open boolean
-- role: answer
select
  contact_name,
  person_name,
  org_name,
  state = 'asked' as is_asked,
  state = 'consented' as is_consented,
  state in ('declined', 'withdrawn') as is_no,
  is_open,
  is_open and state <> 'consented' as can_agree,
  state in ('asked', 'consented') as can_refuse,
  closes_text,
  answered_text
from contact_link(:contact, :generation, :expires);

-- name: contact_answer(contact bigint, generation int, expires timestamptz, answer text) :one -> state text
-- role: answer
select contact_answer(:contact, :generation, :expires, :answer) as state;

-- name: contact_data(contact bigint, generation int) :one -> data text
-- role: answer
select contact_data(:contact, :generation) as data;

-- name: contact_erase(contact bigint, generation int, hashes bytea) :exec
-- role: answer
select contact_erase(:contact, :generation, :hashes);

-- name: contact_address(contact bigint, generation int) :one -> email text
-- role: answer
-- A contact's own.
select cast(contact_data(:contact, :generation) as jsonb) ->> 'email' as email;
