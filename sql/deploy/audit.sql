-- Deploy rollcall:audit to pg
-- Many rows of the chain at once, and reasons that can be forgotten.

begin;

commit;
