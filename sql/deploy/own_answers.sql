-- Deploy rollcall:own_answers to pg
-- A person's own answers, who may see them, and who sees whom.

begin;

commit;
