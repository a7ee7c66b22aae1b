-- Deploy rollcall:digests to pg
-- Several questions in one mail, for who wants it so.

begin;

commit;
