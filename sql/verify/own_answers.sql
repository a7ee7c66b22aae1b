-- Verify rollcall:own_answers on pg

begin;

rollback;
