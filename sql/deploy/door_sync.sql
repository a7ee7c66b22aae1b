-- Deploy rollcall:door_sync to pg
-- What was done at the door without a network.

begin;

commit;
