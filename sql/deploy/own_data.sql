-- Deploy rollcall:own_data to pg
-- What a person can take along, and have forgotten.

begin;

commit;
