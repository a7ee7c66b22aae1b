-- Deploy rollcall:joining to pg
-- Public pages of open organisations, and joining them.

begin;

commit;
