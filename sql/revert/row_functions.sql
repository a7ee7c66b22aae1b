-- Revert rollcall:row_functions from pg
-- What they do is the same either way.

begin;

commit;
