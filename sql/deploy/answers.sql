-- Deploy rollcall:answers to pg
-- An answer against an absence asks the team to look again.

begin;

commit;
