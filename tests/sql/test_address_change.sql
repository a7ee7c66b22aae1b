-- R-O3: another address, by a link mailed to it: what is counted, mailed and
-- kept.
\ir fixture.sql
select no_plan();

select try.person('Ada') as ada, try.person('Bob') as bob \gset
select try.sign_in('Ada') as session \gset
create function try.mails() returns text language sql stable as $$ select coalesce(string_agg(kind, ' ' order by id), '') from scheduled_notifications $$;
create function try.ask(session bytea, email text) returns text language plpgsql as $$
begin
  perform address_change_ask(session, email, sha256(convert_to(lower(email), 'UTF8')));
  return try.mails();
end
$$;

-- Whoever asks for an address, three mails an hour go there.
select sign_in_ask('sea@example.org', sha256('sea@example.org')) from generate_series(1, 3);
select is(try.ask(:'session', 'sea@example.org'), '', 'R-O3 links to an address are counted, whatever they are for');
select is(try.ask(:'session', 'lake@example.org'), 'address_change', '... each address by itself');
select try.ask(:'session', 'lake@example.org'), try.ask(:'session', 'lake@example.org');
select is(try.ask(:'session', 'lake@example.org'), 'address_change address_change address_change', '... three times an hour');
delete from scheduled_notifications where id > (select min(id) from scheduled_notifications);
select is(try.ask(:'session', 'Bob@example.org'), 'address_change', 'R-O3 to one that is taken there is none');

-- What she asked for is hers to see, with the same states whoever has it.
select is((select string_agg(concat_ws(' ', new_email, ends_at - asked_at, done_at), ', ' order by id) from own_address_requests(:'session')),
  'sea@example.org 00:15:00, lake@example.org 00:15:00, lake@example.org 00:15:00, lake@example.org 00:15:00, lake@example.org 00:15:00, Bob@example.org 00:15:00',
  'R-O3 a request is shown, also one for an address that is taken or was mailed too often');
select is((select count(*)::int from own_address_requests(try.sign_in('Bob'))), 0, '... to whoever made it alone');
select is((select count(*)::int from sign_in_requests where email_hash = sha256('sea@example.org')), 3, '... and one that was too many counts for nobody');

-- The mail.
select c.id, c.lease_id as lease, p.email, p.template, coalesce(p.name, '') as name, p.data, coalesce(p.row_id, 0) as row_id, coalesce(p.generation, 0) as generation, p.expires_at from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p \gset
select is(concat_ws(' ', :'email', :'template', nullif(:'name', '')), 'lake@example.org mail_address', 'R-O3 who typed it is not told to who reads it, nor in its head');
select ok(:'data' !~ '(Ada|ada@)', '... nor among what it is written from');
select ok(keep_message(:id, :lease, 'https://example.org/address/token'), 'it may be sent');
select is((select message from scheduled_notifications where id = :id), null, 'R-G3 the link is stored nowhere');
select record_sent(:id, :lease, 250, 1);

-- The link.
select is((select state from address_change_link(:row_id, :generation, :'expires_at')), 'open', 'the link is open');
select is((select count(*)::int from address_change_link(:row_id, :generation + 1, :'expires_at')), 0, 'R-A8 one of another generation is none');
select throws_ok(format('select address_change_use(%s, %s, %L)', :row_id, :generation + 1, :'expires_at'), 'RC404', 'absent', '... by the button either');
select address_change_use(:row_id, :generation, :'expires_at');
select is((select string_agg(email, ' ' order by id) from users), 'lake@example.org bob@example.org', 'R-O3 changed, and nobody else''s');
select c.id, c.lease_id as lease, p.email, p.template, coalesce(p.name, '') as name, p.data, coalesce(p.row_id, 0) as row_id, coalesce(p.generation, 0) as generation, p.expires_at from claim_notifications(1) c, prepare_notification(c.id, c.lease_id) p \gset
select is(concat_ws(' ', :'email', :'template', :'name'), 'ada@example.org mail_address_changed Ada', 'R-O3 the old one is told');

select is((select string_agg(new_email, ' ' order by id) from own_address_requests(:'session') where done_at is not null), 'lake@example.org', 'which one it was is shown');
select is((select bool_and(ends_at <= app_now()) from own_address_requests(:'session') where done_at is null), true, '... and that the others are over');

select * from finish();
