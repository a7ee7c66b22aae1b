-- Verify rollcall:sessions on pg

begin;

select id, user_id, hash, device, created_at, last_seen_at from live_sessions where false;
select id, email_hash, user_id, generation, created_at, expires_at, consumed_at
from sign_in_requests where false;

do $$
begin
  assert has_table_privilege('rollcall_member', 'live_sessions', 'select'),
    'the member role cannot see who is signed in';
  assert not has_table_privilege('rollcall_member', 'sessions', 'select, insert, update, delete'),
    'the member role reaches past live_sessions';
end
$$;

rollback;
