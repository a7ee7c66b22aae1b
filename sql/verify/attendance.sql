-- Verify rollcall:attendance on pg

begin;

select user_id, event_id, org_id, status, responded_at, feedback_rating, feedback_text, feedback_submitted_at,
  show_on_profile, show_to_other_orgs, created_at, updated_at
from attendance where false;

do $$
begin
  assert (
    select count(*) = 3
    from pg_index
    where indrelid = 'attendance'::regclass
      and indisvalid
      and indexrelid::regclass::text in ('attendance_pkey', 'attendance_event', 'attendance_org')
  ), 'attendance lacks an index by user, event or organisation';
  assert not has_column_privilege('rollcall_member', 'attendance', 'feedback_text', 'select'),
    'the member role reads what people wrote';
end
$$;

rollback;
