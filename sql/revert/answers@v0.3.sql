-- Revert rollcall:answers from pg

begin;

create or replace function record_attendance(p_user bigint, p_event bigint, p_status text, p_request_id text)
  returns table (previous text, status text)
  language plpgsql
as $$
#variable_conflict use_column
declare
  v_now timestamptz := app_now();
  v_event events := answerable_event(p_event);
  v_previous text;
begin
  if p_status is null or p_status not in ('attended', 'partial', 'not_attended') then
    raise exception using errcode = 'RC422', message = 'bad_status', detail = 'status';
  end if;

  -- The row's lock puts two answers at once in order: the later one sees the
  -- earlier one's status as its previous.
  insert into attendance as a (user_id, event_id, org_id, status, responded_at, created_at, updated_at)
  values (p_user, p_event, v_event.org_id, p_status, v_now, v_now, v_now)
  on conflict (user_id, event_id) do nothing;
  if not found then
    select a.status into v_previous
    from attendance a
    where a.user_id = p_user and a.event_id = p_event
    for update;
    update attendance a set status = p_status, responded_at = v_now, updated_at = v_now
    where a.user_id = p_user and a.event_id = p_event and a.status <> p_status;
  end if;

  update notifications n
  set read_at = coalesce(n.read_at, v_now), responded_at = v_now
  where n.user_id = p_user
    and n.event_id = p_event
    and n.type = 'attendance_prompt'
    and n.responded_at is null;
  perform cancel_prompts(p_user, v_event.org_id, p_event, 'answered');

  -- Last, because its place in the chain is the organisation's to wait for.
  if v_previous is distinct from p_status then
    perform append_audit(
      v_event.org_id,
      p_event,
      (select id from event_participants where event_id = p_event and user_id = p_user),
      p_user,
      p_user,
      'self_report',
      v_previous,
      p_status,
      null,
      null,
      null,
      p_request_id
    );
  end if;
  return query select v_previous, p_status;
end
$$;


drop trigger users_forget_denials on users;
drop function forget_denials();
drop function own_absence(bytea, bigint);
drop function prompt_absence(bigint, int);
drop function absence_told(bigint, bigint);
drop function count_requests(bytea, text);
drop function team_requests(bytea, text, bigint, bigint);
drop function decide_request(bytea, text, bigint, text, text, text);
drop function ask_about_absence(bigint, bigint, text, text);
delete from personal_data where relation = 'attendance_requests';
drop table attendance_requests;

commit;
