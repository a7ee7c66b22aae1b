'use strict';
// Somebody's own data: the file, and being erased.

const fs = require('fs');
const { equal, ok, signIn, visitor } = require('../lib');

module.exports = (world) => {
  const { stack } = world;

  async function data() {
    const bob = await world.as('bob');
    await world.check(bob, '/me/data');
    const [download] = await Promise.all([
      bob.waitForEvent('download'), bob.click('main form button')]);
    equal(download.suggestedFilename(), 'rollcall-data.json');
    const file = JSON.parse(fs.readFileSync(await download.path(), 'utf8'));
    equal(file.account.email, 'bob@sail.example');
    stack.sql(`insert into data_downloads select id, app_now() from users,
      generate_series(1, 4) where email = 'bob@sail.example'`);
    await world.checkPress(bob, () => bob.click('main form button'), 429);
    stack.sql('delete from data_downloads');
  }

  async function erase() {
    const amy = await world.as('amy');
    await world.check(amy, '/me/erase');
    ok(await amy.isVisible('.notice.wrong'), 'the last admin is not told');
    // The page has no form, and so no token: another page has.
    await amy.goto('/me/data');
    await world.checkPress(amy, () =>
      world.post(amy, '/me/erase', { word: 'erase' }), 409);
    stack.ctl('people', 'import', '--org', 'sail', stack.write('ivy.csv',
      `email,name\nivy@sail.example,Ivy ${world.long}\n`));
    const ivy = await visitor(stack);
    await signIn(stack, ivy, 'ivy@sail.example');
    await world.check(ivy, '/me/erase');
    await world.checkPress(ivy, () => world.submit(ivy, { word: 'yes' }), 422);
    await ivy.fill('#word', 'erase');
    await world.checkPress(ivy, () => ivy.click('button.danger'));
    equal(stack.sql(`select count(*) from users where
      email = 'ivy@sail.example'`), '0', 'still there');
    await ivy.context().close();
  }

  return {
    'GET /me/data': data,
    'POST /me/data': data,
    'GET /me/erase': erase,
    'POST /me/erase': erase,
  };
};
