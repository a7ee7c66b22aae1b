-- Revert rollcall:door from pg

begin;

drop function door_status_text(text);

commit;
