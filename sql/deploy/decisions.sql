-- Deploy rollcall:decisions to pg
-- Why a message came, or did not.

begin;

commit;
