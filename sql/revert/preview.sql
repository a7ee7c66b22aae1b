-- Revert rollcall:preview from pg

begin;

drop function preview_sweep(int);
drop type preview_line;

commit;
