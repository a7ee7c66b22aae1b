-- Revert rollcall:staff_people from pg

begin;

commit;
