-- Revert rollcall:people from pg

begin;

drop function zone_problems();
drop function org_by_slug(text);
drop function user_zone(bigint);
drop table memberships;
drop table users;
drop table organizations;
drop function shorten(text, int);
drop function valid_line(text, int);
drop function valid_email(text);

commit;
