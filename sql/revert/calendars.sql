-- Revert rollcall:calendars from pg

begin;

create or replace function import_events(p_slug text, p_events jsonb, p_dry_run boolean) returns setof event_verdict
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_org organizations := org_by_slug(p_slug);
  v_entry event_entry;
  v_read record;
  v_verdict event_verdict;
  v_verdicts event_verdict[] := '{}';
begin
  begin
    for v_entry in select * from jsonb_populate_recordset(null::event_entry, p_events) loop
      select * into v_read from read_event_entry(v_entry, v_org);
      v_verdict := (v_entry.line, v_entry.uid, (v_read.event).title, 'refused', v_read.why);
      if v_read.why is null then
        select i.result, i.why into v_verdict.result, v_verdict.why from import_event(v_read.event) i;
      end if;
      v_verdicts := array_append(v_verdicts, v_verdict);
    end loop;
    if p_dry_run then
      raise exception using errcode = 'RC000', message = 'dry_run';
    end if;
  exception when sqlstate 'RC000' then
    null;
  end;
  return query select * from unnest(v_verdicts);
end
$$;

comment on function import_events(text, jsonb, boolean) is
  'A calendar''s entries into an organisation, each with its verdict: new, changed, unchanged, or refused and why. '
  'What the file does not name is not touched. A dry run does it all and takes it back.';

drop function import_calendar(organizations, jsonb, boolean);
drop function order_entries(jsonb);
drop function import_entry(organizations, jsonb, int, jsonb);
drop type calendar_verdict;
drop function import_series(event_series, timestamp[], timestamp, jsonb);
drop function update_series(event_series, event_series);
drop function insert_series(event_series);
drop function say_changes(series_changes);
drop function say_dates(event_series);
drop function adopt_events(event_series, timestamp[]);
drop function import_instance(events, jsonb, text, int);
drop function import_single(events);
drop function older_version(int, int);
drop function store_event(events, events);
drop type event_fate;

commit;
