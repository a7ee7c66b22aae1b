-- Revert rollcall:planning from pg

begin;

drop function expire_notifications(int);
drop function cancel_moved_prompts();
drop function schedule_post_event_prompts(int);
drop function plan_event_prompts(bigint, bigint, int);
drop table planning_position;
drop function first_prompts(events, organizations, bigint, timestamptz);
drop function events_asked_about(timestamptz);
drop function prompt_audience(bigint, text, bigint);
drop function in_prompt_audience(bigint, bigint, text);
drop function prompt_due(timestamptz, boolean, text);
drop function second_prompt_refusal(text, boolean);
drop function prompt_refusal(text, text, timestamptz, text);

commit;
