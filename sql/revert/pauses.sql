-- Revert rollcall:pauses from pg

begin;

-- What is held goes on as if it were let go.
update scheduled_notifications
set not_before = greatest(scheduled_for, app_now()), cause = null
where cause = 'paused';

create or replace function hold_notification(
  p_row scheduled_notifications, out held_until timestamptz, out held_cause text, out held_urgency smallint
)
  language plpgsql stable
as $$
begin
  held_until := line_time(p_row);
  if held_until is not null then
    held_cause := 'digest';
    held_urgency := 4;
    return;
  end if;
  held_until := held_until(p_row);
  if held_until > app_now() then
    held_cause := 'quiet_hours';
  else
    held_until := null;
  end if;
end
$$;

drop function
  resume_category(bytea, text, text, text),
  pause_category(bytea, text, text, text, text),
  team_pauses(bytea, text),
  is_paused(scheduled_notifications);
delete from personal_data where relation = 'category_pauses';
drop table category_pauses;
drop index scheduled_notifications_paused;
alter table notification_categories drop column pausable;

commit;
