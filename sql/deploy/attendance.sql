-- Deploy rollcall:attendance to pg
-- What people themselves say: whether they came, and how it was.

begin;

create table attendance (
  user_id bigint not null references users on delete cascade,
  event_id bigint not null references events on delete cascade,
  org_id bigint not null references organizations on delete cascade,
  status text not null check (status in ('attended', 'partial', 'not_attended', 'unknown')),
  responded_at timestamptz,
  feedback_rating smallint check (feedback_rating between 1 and 5),
  feedback_text text check (length(feedback_text) <= 2000),
  feedback_submitted_at timestamptz,
  show_on_profile boolean not null default true,
  show_to_other_orgs boolean not null default false,
  created_at timestamptz not null default app_now(),
  updated_at timestamptz not null default app_now(),
  primary key (user_id, event_id),
  constraint attendance_unknown_has_no_answer check ((status = 'unknown') = (responded_at is null)),
  constraint attendance_feedback_has_rating
    check ((feedback_rating is null) = (feedback_submitted_at is null) and (feedback_text is null or feedback_rating is not null)),
  constraint attendance_hidden_here_is_hidden_elsewhere check (show_on_profile or not show_to_other_orgs)
);

create index attendance_event on attendance (event_id, status);
create index attendance_org on attendance (org_id, responded_at);

comment on table attendance is
  'One row a person and event: their own word, the last one. What the door says stands in event_participants.';
comment on column attendance.org_id is 'Copied from the event, which never changes hands.';
comment on column attendance.responded_at is 'Null while unknown, that is, asked in vain.';
comment on column attendance.show_on_profile is 'Whether fellow members of the host organisation see it.';
comment on column attendance.show_to_other_orgs is 'Whether staff of the person''s other organisations see it.';

create function attendance_text(p_status text) returns text
  language sql immutable parallel safe
  return case p_status
    when 'attended' then 'You were there'
    when 'partial' then 'You were there for part of it'
    when 'not_attended' then 'You were not there'
    when 'unknown' then 'No answer'
  end;

grant select (
  user_id, event_id, org_id, status, responded_at, feedback_rating, show_on_profile, show_to_other_orgs
) on attendance to rollcall_member;
grant execute on function attendance_text(text) to rollcall_member;

commit;
