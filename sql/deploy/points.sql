-- Deploy rollcall:points to pg
-- Points for coming, kept as a ledger.

begin;

commit;
