-- Mail that came back.

-- id: of the message; class is retry, ours, address or recipient, as
-- record_failed has it.
-- name: record_bounce(id bigint, class text, status text?) :one -> effect text
-- role: ctl
select record_bounce(:id, :class, :status) as effect;
