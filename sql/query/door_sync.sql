-- Devices at the door that were without a network.

-- name: door_sync(session bytea, slug text, event bigint, device text, contact text?, whole boolean, attempts jsonb, request_id text) :one -> answer text
-- role: staff
-- commit: early
select sync_door(:session, :slug, :event, :device, :contact, :whole, :attempts, :request_id) as answer;
