-- Revert rollcall:answers from pg

begin;

drop function unsubscribe(bigint, int);
drop function unsubscribe_link(bigint, int);
drop function answer_prompt(bigint, int, timestamptz, text, text);
drop function linked_prompt(bigint, int, timestamptz);
drop function record_attendance(bigint, bigint, text, text);
drop function answerable_event(bigint);

commit;
