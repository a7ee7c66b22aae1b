-- Deploy rollcall:preferences to pg
-- What a person wants to be told, how and when.

begin;

commit;
