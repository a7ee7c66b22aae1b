'use strict';
// Somebody's account, and where they are signed in.

const { signIn, visitor } = require('../lib');

module.exports = (world) => {
  async function pages() {
    const ada = await world.as('ada');
    await world.check(ada, '/me');
    const other = await visitor(world.stack, { userAgent: world.long });
    await signIn(world.stack, other, 'ada@sail.example');
    await world.check(ada, '/me');
    await world.checkPress(ada, () =>
      ada.click('form[action^="/me/sessions"] button'));
    await world.checkPress(ada, () =>
      world.post(ada, '/me/sessions/999999/end'), 404);
    await other.context().close();
  }

  return { 'GET /me': pages, 'POST /me/sessions/:id/end': pages };
};
