-- Deploy rollcall:funnel to pg
-- What became of an event's questions.

begin;

commit;
