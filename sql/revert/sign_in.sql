-- Revert rollcall:sign_in from pg

begin;

drop function own_email(bytea);
drop function session_end(bytea, bigint);
drop function sign_out(bytea);
drop function require_session(bytea);
drop function session_user_id(bytea);
drop function sign_in_use(bigint, int, timestamptz, bytea, text);
drop function session_life();
drop function sign_in_link(bigint, int, timestamptz);
drop function sign_in_ask(text, bytea);

commit;
