'use strict';
// The audit of an organisation of its own, as its staff read it.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { long, stack } = world;
  const base = '/staff/ledger/audit';
  let event;

  // Sixty answers, three words of the door with a typed reason each.
  function fill() {
    event = stack.club('ledger', { kim: '', lea: '' }, { org: 'Ledger club',
      title: 'Evening of accounts', start: '20300614T090000Z',
      end: '20300614T100000Z' });
    stack.ctl('admin', 'add', '--org', 'ledger', 'ann@ledger.example', 'Ann');
    const id = (name) => Number(stack.sql(
      `select id from users where email = '${name}@ledger.example'`));
    stack.sql(`select record_attendance(${id('kim')}, ${event},
      case n % 2 when 0 then 'attended' else 'partial' end, 'test')
      from generate_series(1, 60) n;
      insert into event_participants (event_id, org_id, user_id)
      select ${event}, o.id, u.id from organizations o, users u
      where o.slug = 'ledger' and u.id in (${id('kim')}, ${id('lea')});
      select mark_attendance(p.org_id, ${id('ann')}, array[row(p.id, s.status,
      app_now(), 'correction', 'other', null)::attendance_mark], s.reason, 'r')
      from event_participants p, (values (1, 'late', 'Bus broke down.'),
      (2, 'absent', '${long}'), (3, 'excused', 'Forgotten')) s(n, status, reason)
      where p.user_id = ${id('lea')} and p.event_id = ${event};
      select mark_attendance(p.org_id, null, array[row(p.id, 'absent', app_now(),
      'mark_absent', 'not_checked_in', null)::attendance_mark], null, null)
      from event_participants p where p.user_id = ${id('kim')};
      delete from audit_reason where reason = 'Forgotten'`);
    return id;
  }

  async function list() {
    const id = fill();
    const ann = await world.as('ann', 'ledger');
    await world.check(ann, base);
    ok((await ann.textContent('main')).includes('text erased'),
      'a reason that was erased is said to be');
    await world.checkPress(ann, () => ann.click('a[rel=next]'));
    await world.check(ann, `${base}?on=${event}&about=${id('lea')}` +
      `&by=${id('ann')}&action=correction&from=2030-06-01&to=2030-06-30`);
    equal((await ann.$$('tbody tr')).length, 3, 'rows about one by one');
    await world.check(ann, `${base}?by=0`);
    equal((await ann.$$('tbody tr')).length, 1, 'rows by the system');
    await world.check(ann, `${base}?from=2031-01-01&to=yesterday`);
    await world.check(ann, `${base}?on=999999`, 404);
    await world.check(ann, base);
    await ann.selectOption('#action', 'mark_absent');
    await world.checkPress(ann, () => ann.click('main form button'));
    equal((await ann.$$('tbody tr')).length, 1, 'rows of one action');
  }

  async function states() {
    const ann = await world.as('ann', 'ledger');
    stack.sweep();
    await world.check(ann, base);
    ok((await ann.textContent('main')).includes('All rows are sound'), 'sound');
    stack.sql(`update users set name = '${long}'
      where email = 'lea@ledger.example'`);
    stack.sql(`update audit_checks set problem_seq = 7, problem =
      'the row was changed' where org_id = (select id from organizations where
      slug = 'ledger')`);
    await world.check(ann, base);
  }

  async function file() {
    const ann = await world.as('ann', 'ledger');
    const cookies = (await ann.context().cookies()).map((c) =>
      `${c.name}=${c.value}`).join('; ');
    world.seen.push(['GET', `${base}.csv`]);
    const rs = await stack.request(`${base}.csv`,
      { headers: { Cookie: cookies } });
    equal(rs.status, 200, 'status');
    equal(rs.headers['content-disposition'],
      'attachment; filename="audit-ledger.csv"', 'it is saved as a file');
    equal(rs.body.trim().split('\r\n').length, 65, 'lines');
  }

  return {
    'GET /staff/:org/audit': list,
    'staff: the audit in its states': states,
    'GET /staff/:org/audit.csv': file,
  };
};
