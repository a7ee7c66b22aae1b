-- Revert rollcall:second_prompt from pg

begin;

drop function snooze_prompt(bigint, int, timestamptz);
drop function snooze_attendance_prompt(bigint, bigint);
drop function snooze_time(notifications);
drop function planned_prompts(int);
drop function schedule_second_prompts(int);
drop function second_prompt(notifications, timestamptz);
drop function second_prompt_due(timestamptz, text);
drop function say_soon(timestamptz, text);

commit;
