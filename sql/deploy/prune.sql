-- Deploy rollcall:prune to pg
-- What the door keeps for a while only.

begin;

commit;
