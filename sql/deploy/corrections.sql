-- Deploy rollcall:corrections to pg
-- The door's word corrected, one or many, with a reason.

begin;

commit;
