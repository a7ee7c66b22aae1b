-- The zones that calendars name, as files have them: their own VTIMEZONE, then
-- IANA, then the Windows names of CLDR, else none.
\ir fixture.sql
select plan(54);

-- Names.
select is(find_zone(name), zone, coalesce(zone, 'no zone') || ': ' || name) from (values
  ('Europe/Berlin', 'Europe/Berlin'), ('europe/berlin', 'Europe/Berlin'), ('UTC', 'UTC'),
  ('W. Europe Standard Time', 'Europe/Berlin'), ('w. europe standard time', 'Europe/Berlin'), ('India Standard Time', 'Asia/Calcutta'),
  ('/mozilla.org/20050126_1/Europe/Berlin', 'Europe/Berlin'), ('/freeassociation.sourceforge.net/America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'),
  ('/softwarestudio.org/Olson_20011030_5/UTC', 'UTC'),
  ('../../../etc/hostname', null), ('/etc/hostname', null), ('/usr/share/zoneinfo/../../../etc/passwd', null), ('localtime', null), ('posixrules', null),
  ('CEST', null), ('FOO3BAR', null), ('<+01>-1', null), ('Mars/Olympus', null), ('', null), ('-1', null)
) n(name, zone);

-- The Windows names are CLDR's, whenever its file is there.
select is((select string_agg(w.name, ', ') from windows_zones w where not exists (select from pg_timezone_names z where z.name = w.zone)), null, 'each stands for a zone that PostgreSQL knows');
\set cldr `sed -n 's/.*<mapZone other="\([^"]*\)" territory="001" type="\([^"]*\)".*/\1|\2/p' /usr/share/unicode/cldr/common/supplemental/windowsZones.xml 2>/dev/null | tr '\n' ';'`
select case when :'cldr' = '' then skip('CLDR is not installed', 1) else is(
  (select string_agg(name || '|' || zone || ';', '' order by name, zone) from windows_zones),
  (select string_agg(line || ';', '' order by split_part(line, '|', 1)) from regexp_split_to_table(rtrim(:'cldr', ';'), ';') line), 'they are those of CLDR') end;

-- POSIX texts: the one shape, and nothing else that "at time zone" would take.
select is(is_posix_zone(z), good, case when good then 'a rule: ' else 'no rule: ' end || z) from (values
  ('<+01>-1<+02>,M3.5.0/2,M10.5.0/3', true), ('<-03>3', true), ('<+0530>-5:30', true), ('<+00>0', true), ('<+1030>-10:30<+11>-11,M10.1.0/2,M4.1.0/2', true), ('<-05>5<-04>,M3.2.0/2,M11.1.0/2', true),
  ('<+01>-1<+02>', false), ('CET-1CEST,M3.5.0/2,M10.5.0/3', false), ('<+01>-1<+02>,J60,J300', false), ('<+01>-1<+02>,M13.5.0/2,M10.5.0/3', false), ('<+01>-1<+02>,M3.0.0/2,M10.5.0/3', false),
  ('<+01>-25', false), ('<+01>-1<+02>,M3.5.0/168,M10.5.0/3', false), ('<../../etc/hostname>0', false), (E'<+01>-1\n', false), ('UTC', false)
) z(z, good);
select lives_ok(format('select timestamp %L at time zone %L', '2026-07-01 12:00', z), 'PostgreSQL takes ' || z) from unnest(array['<+24>-24', '<-12>12:59:59', '<+01>-1<+02>-24:59,M1.1.0/-167:59:59,M12.5.6/167:59:59']) z where is_posix_zone(z);

-- A file's own rule.
create function try.zone(zone text, rule text default null, weeks int default 0, local text default '2026-11-20T18:30:00', more jsonb default '{}') returns text language sql as $$
  select resolve_zone(jsonb_strip_nulls(jsonb_build_object('local', local, 'zone', zone, 'rule', rule)) || more, 'Asia/Tokyo', weeks)
$$;
\set berlin <+01>-1<+02>,M3.5.0/2,M10.5.0/3
select is(try.zone('Europe/Berlin', :'berlin', 53), 'Europe/Berlin', 'a rule that says what the zone of its name says');
select is(try.zone('W. Europe Standard Time', :'berlin', 53), 'Europe/Berlin', '... under a Windows name');
select is(try.zone('My own', :'berlin', 53), :'berlin', '... under a name that nobody knows');
select is(try.zone('Europe/Berlin', '<-03>3'), '<-03>3', 'a rule that contradicts the zone of its name: the file''s own');
select is(try.zone('Europe/Berlin', '<+01>-1'), 'Europe/Berlin', 'one that does so in summer alone is right about a day in winter');
select is(try.zone('Europe/Berlin', '<+01>-1', 53), '<+01>-1', '... and not about a year');
select is(try.zone('America/New_York', '<-05>5<-04>,M4.1.0/2,M10.5.0/2', 53, '2005-01-05T12:00:00'), 'America/New_York', 'a rule that was right when the series began');
select is(try.zone('Nowhere'), null, 'neither rule nor known name');
select is(try.zone('Nowhere', 'UTC; select 1'), null, 'no rule is what does not look like one');
select is(try.zone(null), 'Asia/Tokyo', 'no name: the organisation''s');
select is(try.zone('Europe/Berlin', more => '{"date": true}') || ', ' || try.zone('Nowhere', more => '{"date": true}') , 'Europe/Berlin, Asia/Tokyo', 'R-A4 whole days: the calendar''s zone, else the organisation''s');
select results_eq($$select result, why, starts from import_calendar(org_by_slug('org'), '[{"line": 1, "uid": "a", "starts": {"local": "2026-11-20T18:30:00", "zone": "../../../etc/hostname"}},
  {"line": 2, "uid": "b", "starts": {"local": "2026-11-20T18:30:00", "zone": "Europe/Berlin", "rule": "<-03>3"}, "ends": {"local": "2026-11-21T00:30:00", "zone": "Europe/London"}}]', false)$$,
  $$values ('refused', 'its time zone is not known: ../../../etc/hostname', null::timestamptz), ('new', null, '2026-11-20 21:30+00')$$, 'an unknown zone is refused, the other comes in by its own rule');
select is((select ends_at || ' ' || coalesce(timezone, 'none') from events where uid = 'b'), '2026-11-21 00:30:00+00 none', '... and ends where it says');
select * from finish();
