'use strict';
// The people of an organisation, in a club of their own.

module.exports = (world) => {
  const { long, stack } = world;
  const base = '/staff/crew/people';
  let id;

  function fill() {
    stack.club('crew', { ian: '', joy: '' }, { org: 'Rowing crew',
      title: 'Row', start: '20300614T130000Z', end: '20300614T150000Z' });
    stack.ctl('admin', 'add', '--org', 'crew', 'ann@crew.example', 'Ann');
    stack.ctl('people', 'import', '--org', 'crew', stack.write('crew.csv',
      'email,name,timezone,role\nsue@crew.example,Sue,,staff\n'));
    stack.sql(`with u as (insert into users (email, name) select
      'n' || n || '@crew.example', case n when 1 then '${long}' else
      'Rower ' || n end from generate_series(1, 60) n returning id)
      insert into memberships (user_id, org_id, responder) select u.id, o.id,
      u.id % 7 = 0 from u, organizations o where o.slug = 'crew'`);
    stack.sql(`update users set suppressed_at = app_now(), suppressed_cause =
      '5.1.1' where email in ('joy@crew.example', 'n1@crew.example')`);
    id = (name) => stack.sql(
      `select id from users where email = '${name}@crew.example'`);
  }

  async function list() {
    fill();
    const ann = await world.as('ann', 'crew');
    await world.check(ann, base);
    await world.checkPress(ann, () => ann.click('a[rel=next]'));
    await world.check(ann, `${base}?q=joy`);
    await world.check(ann, `${base}?q=nobody+like+this`);
    await world.check(await world.as('sue', 'crew'), base);
  }

  async function add() {
    const ann = await world.as('ann', 'crew');
    await world.check(ann, `${base}/add`);
    await world.checkPress(ann, () => world.submit(ann,
      { email: 'nobody', name: '', timezone: 'Nowhere', role: 'king' }), 422);
    await world.check(ann, `${base}/add`);
    await ann.fill('#email', 'max@crew.example');
    await ann.fill('#name', 'Max');
    await world.checkPress(ann, () => ann.click('main button.go'));
  }

  async function one() {
    const ann = await world.as('ann', 'crew');
    for (const name of ['ian', 'joy', 'n1', 'ann']) {
      await world.check(ann, `${base}/${id(name)}`);
    }
    await world.check(await world.as('sue', 'crew'), `${base}/${id('ian')}`);
    await world.check(ann, `${base}/0`, 404);
  }

  async function role() {
    const ann = await world.as('ann', 'crew');
    const path = `${base}/${id('ian')}`;
    await world.check(ann, path);
    await ann.check('input[value=door]');
    await world.checkPress(ann, () => ann.click('form[action$="/role"] button'));
    await world.checkPress(ann, () =>
      world.post(ann, `${path}/role`, { was: 'member', role: 'staff' }), 409);
    await world.checkPress(ann, () => world.post(ann,
      `${base}/${id('ann')}/role`, { was: 'admin', role: 'member' }), 409);
  }

  async function responder() {
    const ann = await world.as('ann', 'crew');
    const button = 'form[action$="/responder"] button';
    await world.check(ann, `${base}/${id('ian')}`);
    await world.checkPress(ann, () => ann.click(button));
    await world.checkPress(ann, () => ann.click(button));
  }

  async function mail() {
    const sue = await world.as('sue', 'crew');
    await world.check(sue, `${base}/${id('joy')}`);
    await world.checkPress(sue, () => sue.click('form[action$="/mail"] button'));
  }

  async function remove() {
    const ann = await world.as('ann', 'crew');
    await world.check(ann, `${base}/${id('ian')}`);
    await ann.click('summary');
    await world.checkPress(ann, () =>
      ann.click('form[action$="/remove"] button'));
  }

  return {
    'GET /staff/:org/people': list,
    'GET /staff/:org/people/add': add,
    'POST /staff/:org/people/add': add,
    'GET /staff/:org/people/:id': one,
    'POST /staff/:org/people/:id/role': role,
    'POST /staff/:org/people/:id/responder': responder,
    'POST /staff/:org/people/:id/mail': mail,
    'POST /staff/:org/people/:id/remove': remove,
  };
};
