-- Revert rollcall:own_answers from pg

begin;

drop function person_attendance(bytea, text, bigint, timestamptz, bigint, int);
drop function fellow_attendance(bytea, bigint, timestamptz, bigint, int);
drop function fellow_profile(bytea, bigint);
drop function find_fellows(bytea, text, bigint, int);
drop function shared_orgs(bigint, bigint);
drop function attendance_history(bytea, timestamptz, bigint, int);
drop function list_member(bytea, bigint, boolean);
drop function share_answers(bytea, bigint, boolean);
drop function share_attendance(bytea, bigint, boolean, boolean);
drop function feedback_event(bytea, bigint, int, text);
drop function answer_event(bytea, bigint, text, text);
drop function require_own_event(bytea, bigint);
drop function own_answer(bytea, bigint);
drop function can_answer(bytea, bigint);
drop function concerns(bigint, bigint);
drop function snooze_own_prompt(bytea, bigint);
drop function answer_own_prompt(bytea, bigint, text, text);
drop function own_prompt(bigint, bigint);
drop function pending_prompts(bytea);
drop function count_waiting(bigint);
drop function waiting_prompts(bigint);
drop function answer_state(events);
drop function attendance_word(text);
drop view fellowships;
alter table memberships drop column listed;

commit;
