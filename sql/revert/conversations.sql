-- Revert rollcall:conversations from pg

begin;

create or replace function own_data(p_user bigint) returns jsonb
  language sql stable
  begin atomic
    select
      jsonb_build_object(
        'about', jsonb_build_object(
          'what', 'Everything that Rollcall keeps about one person', 'version', 1, 'timezone', z.zone,
          'made_at', both_times(app_now(), z.zone)
        ),
        'address_changes', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'from', r.old_email, 'to', r.new_email, 'asked_at', both_times(r.created_at, z.zone),
            'done_at', both_times(r.consumed_at, z.zone)
          ) order by r.id), '[]')
          from sign_in_requests r
          where r.user_id = p_user and r.new_email is not null
        )
      )
      || own_account(p_user, z.zone)
      || own_events(p_user, z.zone)
      || own_messages(p_user, z.zone)
      || own_reasons(p_user, z.zone)
      || own_door(p_user, z.zone)
      || own_ledger(p_user, z.zone)
      || own_mismatches(p_user, z.zone)
      || own_requests(p_user, z.zone)
      || own_shifts(p_user, z.zone)
      || own_offers(p_user, z.zone)
      || own_calendar(p_user, z.zone)
      || own_watched(p_user, z.zone)
    from user_zone(p_user) as z(zone);
  end;

create or replace function prune(p_max int) returns table (requests int, sessions int)
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
begin
  -- One whose mail is still in the queue waits until the ledger has that.
  delete from sign_in_requests
  where id in (
    select r.id
    from sign_in_requests r
    where r.created_at < app_now() - interval '1 day'
      and not exists (select from scheduled_notifications q where q.sign_in_request_id = r.id)
    order by r.created_at
    limit p_max
    for update skip locked
  );
  get diagnostics requests = row_count;
  delete from sessions
  where id in (
    select s.id
    from sessions s
    where least(s.ended_at, s.expires_at) < app_now() - interval '30 days'
    order by least(s.ended_at, s.expires_at)
    limit p_max
    for update skip locked
  );
  get diagnostics sessions = row_count;
  delete from calendar_uploads
  where id in (
    select u.id
    from calendar_uploads u
    where u.created_at < app_now() - interval '1 day'
    order by u.created_at
    limit p_max
    for update skip locked
  );
  delete from door_contacts
  where id in (
    select c.id
    from doors_done() d
    join door_contacts c on c.event_id = d.event_id
    limit p_max
    for update of c skip locked
  );
  perform prune_unassigned(p_max);
  perform prune_watch(p_max);
  return next;
end
$$;

drop function prune_talk(int);
drop function own_conversations(bigint, text);
drop function waiting_talks(bigint, bigint);
drop function team_talks(bytea, text, int);
drop function read_team_talk(bytea, text, bigint, bigint);
drop function answer_talk(bytea, text, bigint, text, bigint);
drop function require_talk_person(bytea, text, bigint);
drop function read_talk(bytea, text, bigint);
drop function say_talk(bytea, text, text, bigint);
drop function own_talk_org(bytea, text);
drop function mark_talk_read(bigint, bigint, boolean, bigint);
drop function put_talk(bigint, bigint, bigint, text);
drop function tell_talk(talk_messages);
drop function talk_display(scheduled_notifications);
drop function talk_recheck(scheduled_notifications);
drop function talk_message_of(text);
drop function team_talk(bytea, text, bigint, bigint, int);
drop function own_talk(bytea, text, bigint, int);
drop function talk_seen(bigint, bigint, boolean, text, bigint, int);
drop function team_talk_person(bytea, text, bigint);
drop function own_talks(bytea, text);
drop function unread_talk(bigint);
drop function has_talk(bigint, bigint);
drop function is_watched(bigint, bigint);
delete from scheduled_notifications where kind = 'talk_news';
delete from notification_kinds where kind = 'talk_news';
delete from personal_data where relation = 'talk_messages';
drop table talk_messages;

commit;
