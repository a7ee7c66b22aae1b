-- Deploy rollcall:people_files to pg
-- People that an admin brings in by a file.

begin;

commit;
