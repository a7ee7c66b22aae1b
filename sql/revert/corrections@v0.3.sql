-- Revert rollcall:corrections from pg

begin;

drop function participant_audit(bytea, text, bigint);
drop function team_participant(bytea, text, bigint, bigint);
drop function team_participants(bytea, text, bigint, text, text, bigint, jsonb);
drop function registration_text(text);
drop function patch_attendance(bytea, text, bigint, jsonb, text, text, text, text);
drop function require_reason(events, text, text);
delete from personal_data where relation = 'reason_codes';
drop table reason_codes;

commit;
