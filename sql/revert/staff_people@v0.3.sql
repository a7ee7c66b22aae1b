-- Revert rollcall:staff_people from pg

begin;

drop function team_next_events(bytea, text);
drop function save_settings(
  bytea, text, bigint, text, text, text, text, text, text, boolean, text, boolean, text
);
drop function prompts_from(organizations, boolean, text, text);
drop function save_setting(bigint, text, text, text);
drop function responder_news_display(scheduled_notifications);
drop function responder_news_recheck(scheduled_notifications);
delete from scheduled_notifications where kind = 'responder_news';
delete from notification_kinds where kind = 'responder_news';
drop function mail_person_again(bytea, text, bigint);
drop function remove_person(bytea, text, bigint, text);
drop function set_responder(bytea, text, bigint, boolean, text);
drop function tell_responders(bigint);
drop function change_role(bytea, text, bigint, text, text, text);
drop function add_person(bytea, text, text, text, text, text, text);
drop function keep_an_admin(memberships);
drop function begin_member_change(bytea, text, bigint, text);
drop function team_person(bytea, text, bigint);
drop function team_people(bytea, text, text, bigint);
drop function change_text(org_changes);
drop function role_text(text);
drop trigger memberships_record_out on memberships;
drop trigger memberships_record_changed on memberships;
drop trigger memberships_record_in on memberships;
drop function record_members_out();
drop function record_members_changed();
drop function record_members_in();
drop function record_change(bigint, bigint, text, text, text, text);
drop function act_as(bigint, text);
drop table org_changes;
drop function refuse_org_change();
drop index users_email_start;
drop index memberships_name_words;
drop trigger users_sort on users;
drop function sort_person();
drop trigger memberships_sort on memberships;
drop function sort_membership();
alter table memberships drop column sort_key;
drop function person_sort_key(bigint);
alter table organizations drop column member_list, drop column version;

commit;
