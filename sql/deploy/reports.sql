-- Deploy rollcall:reports to pg
-- What staff are told about an event, an organisation, a person.

begin;

commit;
