-- Deploy rollcall:absences to pg
-- Who was registered and did not come, and taking that back.

begin;

commit;
