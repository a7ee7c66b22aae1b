-- Deploy rollcall:audit_list to pg
-- The audit as staff read it, and its daily check.

begin;

commit;
