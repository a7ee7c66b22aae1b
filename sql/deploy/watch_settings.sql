-- Deploy rollcall:watch_settings to pg
-- An organisation's admins say how long it takes from one level to the next.

begin;

create function save_settings(
  p_session bytea, p_slug text, p_version bigint, p_name text, p_timezone text, p_postal_address text, p_join text,
  p_prompt_audience text, p_second_prompt text, p_prompts boolean, p_since text, p_member_list boolean,
  p_watch_hours int[], p_request_id text
) returns void
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  v_team record := require_team(p_session, p_slug, 'admin');
  v_was organizations;
begin
  select * into v_was from organizations where id = v_team.org_id for no key update;
  perform save_settings(
    p_session, p_slug, p_version, p_name, p_timezone, p_postal_address, p_join, p_prompt_audience, p_second_prompt,
    p_prompts, p_since, p_member_list, p_request_id
  );
  for v_level in 2..4 loop
    if coalesce(p_watch_hours[v_level - 1] not between 1 and 168, true) then
      raise exception using
        errcode = 'RC422', message = 'bad_interval', detail = format('watch_l%s_hours', v_level);
    end if;
  end loop;
  update organizations
  set
    watch_l2_hours = p_watch_hours[1],
    watch_l3_hours = p_watch_hours[2],
    watch_l4_hours = p_watch_hours[3]
  where id = v_was.id
    and array[watch_l2_hours, watch_l3_hours, watch_l4_hours] <> p_watch_hours;
  perform
    save_setting(v_was.id, 'watch_l2_hours', v_was.watch_l2_hours::text, p_watch_hours[1]::text),
    save_setting(v_was.id, 'watch_l3_hours', v_was.watch_l3_hours::text, p_watch_hours[2]::text),
    save_setting(v_was.id, 'watch_l4_hours', v_was.watch_l4_hours::text, p_watch_hours[3]::text);
end
$$;

comment on function save_settings(
  bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, int[], text
) is
  'All settings of the page at once, with the hours from each level to the next.';

revoke execute on function
  save_settings(bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, text)
  from rollcall_staff;
grant execute on function
  save_settings(bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, int[], text)
  to rollcall_staff;

commit;
