-- Revert rollcall:digests from pg

begin;

commit;
