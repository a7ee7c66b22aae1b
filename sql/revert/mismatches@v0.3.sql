-- Revert rollcall:mismatches from pg

begin;

drop function decide_mismatch(bytea, text, bigint, text, text, text, text);
drop function count_mismatches(bytea, text);
drop function team_mismatches(bytea, text, bigint, boolean, bigint, int);
drop function review_events(int);
drop function find_mismatches(bigint[]);
delete from personal_data where relation = 'mismatches';
drop table mismatches;
drop function disagrees(text, text);

commit;
