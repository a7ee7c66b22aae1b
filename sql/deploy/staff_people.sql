-- Deploy rollcall:staff_people to pg
-- People, roles and settings of an organisation.

begin;

commit;
