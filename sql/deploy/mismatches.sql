-- Deploy rollcall:mismatches to pg
-- Where the door and the person's own answer disagree.

begin;

commit;
