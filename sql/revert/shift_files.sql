-- Revert rollcall:shift_files from pg

begin;

create or replace function import_upload(p_session bytea, p_slug text, p_upload bigint) returns boolean
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_upload calendar_uploads := own_upload(p_session, p_slug, p_upload);
  v_actor bigint := session_user_id(p_session);
  v_org organizations;
  v_judged record;
begin
  if v_upload.imported_at is not null then
    return false;
  end if;
  perform take_upload_turn();
  select * into v_org from organizations where id = v_upload.org_id;
  if v_upload.kind = 'people' then
    perform event_to_join(v_upload.org_id, v_upload.event_id) where v_upload.event_id is not null;
    perform act_as(v_actor, null);
    select * into v_judged from judge_people(v_org, v_upload.event_id, v_upload.entries, v_upload.refused, false);
  else
    select * into v_judged from judge_calendar(v_org, v_upload.entries, v_upload.refused, false);
  end if;
  update calendar_uploads
  set
    new_count = v_judged.new_count,
    changed_count = v_judged.changed_count,
    unchanged_count = v_judged.unchanged_count,
    refused_count = v_judged.refused_count,
    verdicts = v_judged.verdicts,
    entries = null,
    refused = null,
    imported_at = app_now(),
    imported_by = v_actor
  where id = v_upload.id;
  return true;
end
$$;

create or replace function forget_address(p_email text) returns void
  language sql
  begin atomic
    delete from sign_in_requests
    where lower(email) = lower(p_email)
      or lower(new_email) = lower(p_email)
      or lower(old_email) = lower(p_email);
    delete from calendar_uploads u
    where u.kind = 'people'
      and (
        exists (
          select from jsonb_to_recordset(u.entries -> 'people') as r(email text)
          where lower(btrim(r.email)) = lower(p_email)
        )
        or exists (
          select from jsonb_to_recordset(u.verdicts) as v(title text) where lower(btrim(v.title)) = lower(p_email)
        )
      );
  end;

drop function hold_shifts(bytea, text, text, int, jsonb, jsonb);
drop function judge_shifts(organizations, jsonb, jsonb, bigint, boolean);
drop function import_shifts(organizations, jsonb, bigint, boolean);
drop function judge_shift_rows(organizations, jsonb);
drop function csv_moment(text, text);
drop type shift_verdict;
drop type shift_row;
delete from calendar_uploads where kind = 'shifts';
update personal_data
set
  downloaded = 'calendars; the events in them are the organisation''s, and lists of people the team''s, for a day'
where relation = 'calendar_uploads';
comment on table calendar_uploads is
  'Files that staff handed in, calendars and lists of people: looked at first, then imported once or thrown away. Pruned '
  'after a day.';
comment on column calendar_uploads.entries is
  'What import_calendar() reads; of people {people, hashes} as import_people() and know_addresses() do. Gone when it has.';
alter table calendar_uploads
  drop constraint calendar_uploads_kind_check,
  add constraint calendar_uploads_kind_check check (kind in ('calendar', 'people'));

commit;
