-- Deploy rollcall:delivery to pg
-- Each kind of message names what looks at it again and what it shows.

begin;

commit;
