-- Revert rollcall:feedback from pg

begin;

drop function prompt_link(bigint, int, timestamptz);
drop function feedback_prompt(bigint, int, timestamptz, int, text);
drop function submit_feedback(bigint, bigint, int, text);

commit;
