-- Verify rollcall:people on pg

begin;

select id, slug, name, timezone, "join", prompt_audience, second_prompt, prompts_since, postal_address
from organizations where false;
select id, email, name, timezone, locale, quiet, quiet_from, quiet_to, suppressed_at, suppressed_cause
from users where false;
select user_id, org_id, role, responder from memberships where false;

do $$
begin
  assert valid_email('ada@example.org') and not valid_email(E'a@b.c\r\nRCPT TO:<x@y.z>'),
    'valid_email() lets the wrong ones through';
  assert valid_line('Łucja 李', 200) and not valid_line(E'a\nb', 200) and not valid_line('  ', 200),
    'valid_line() lets the wrong ones through';
  assert shorten('abc', 3) = 'abc' and shorten('abcd', 3) = 'ab…', 'shorten() keeps too much or too little';
  assert (select indisunique from pg_index where indexrelid = 'users_email_key'::regclass),
    'two people may have one address';
  assert not has_column_privilege('rollcall_member', 'users', 'email', 'select'),
    'the member role reads addresses';
end
$$;

rollback;
