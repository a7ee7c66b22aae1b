'use strict';
// Another mail address: asked for, linked, changed.

const { equal, ok, signIn, visitor } = require('../lib');

module.exports = (world) => {
  const { stack } = world;
  const link = (email) => {
    stack.sweep();
    return stack.mails(email).pop().address;
  };

  async function form() {
    const bob = await world.as('bob');
    await world.check(bob, '/me/address');
    await world.checkPress(bob, () =>
      world.submit(bob, { email: 'not an address' }), 422);
    await bob.goto('/me/address');
    await world.checkPress(bob, () =>
      world.submit(bob, { email: 'bob@sail.example' }), 422);
    await bob.goto('/me/address');
    await bob.fill('#email', `${'b'.repeat(60)}@${'long.'.repeat(30)}example`);
    await world.checkPress(bob, () => bob.click('main button.go'));
  }

  async function change() {
    stack.ctl('people', 'import', '--org', 'sail', stack.write('max.csv',
      `email,name\nmax@sail.example,Max ${world.long}\n`));
    const max = await visitor(stack);
    await signIn(stack, max, 'max@sail.example');
    const ask = async (email) => {
      await max.goto('/me/address');
      await max.fill('#email', email);
      await world.checkPress(max, () => max.click('main button.go'));
    };
    await ask('max@new.example');
    const first = link('max@new.example');
    await ask('max@other.example');
    const second = link('max@other.example');
    await world.check(max, first);
    await world.checkPress(max, () => max.click('main button.go'));
    equal(stack.sql(`select count(*) from users where
      email = 'max@new.example'`), '1', 'not changed');
    await world.check(max, first, 410);
    await world.check(max, second, 410);
    await ask('late@new.example');
    const late = link('late@new.example');
    stack.sql(`update users set email = 'late@new.example'
      where email = 'dan@sail.example'`);
    await world.check(max, late, 410);
    ok((await max.textContent('h1')).includes('an account of its own'),
      'another reason is given');
    await world.checkPress(max, () => world.post(max, late), 410);
    stack.sql(`update users set email = 'dan@sail.example'
      where email = 'late@new.example'`);
    await max.context().close();
  }

  return {
    'GET /me/address': form,
    'POST /me/address': form,
    'GET /address/:token': change,
    'POST /address/:token': change,
  };
};
