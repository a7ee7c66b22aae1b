-- Revert rollcall:operator from pg

begin;

drop function import_events(text, jsonb, boolean);
drop type event_verdict;
drop function import_event(events);
drop function read_event_entry(event_entry, organizations);
drop type event_entry;
drop function local_moment(text, text);
drop function is_virtual_place(text);
drop function import_people(text, jsonb, boolean);
drop type person_verdict;
drop function import_person(bigint, text, text, text, text);
drop function add_admin(text, text, text);
drop function person_by_email(text, text, text);
drop function add_org(text, text, text);

commit;
