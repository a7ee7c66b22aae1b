-- Deploy rollcall:address_change to pg
-- Another address, by a link mailed to it.

begin;

commit;
