-- Revert rollcall:audit_list from pg

begin;

commit;
