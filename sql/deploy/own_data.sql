-- Deploy rollcall:own_data to pg
-- The door's record in what a person takes along, and has forgotten.

begin;

commit;
