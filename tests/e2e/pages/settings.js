'use strict';
// The settings of an organisation, in one of its own.

module.exports = (world) => {
  const { stack } = world;
  const path = '/staff/glee/settings';

  async function settings() {
    stack.ctl('org', 'add', 'glee', 'Glee club', '--timezone', 'Europe/Paris');
    for (const name of ['uma', 'vic']) {
      stack.ctl('admin', 'add', '--org', 'glee', `${name}@glee.example`, name);
    }
    const uma = await world.as('uma', 'glee');
    await world.check(uma, path);
    await world.checkPress(uma, () => world.submit(uma, { name: '',
      timezone: 'CEST', since: 'soon' }, 'form.stack'), 422);
    // Two have it open; the second to save is told.
    const vic = await world.as('vic', 'glee');
    await world.check(uma, path);
    await world.check(vic, path);
    await vic.fill('#name', 'Glee and madrigal club');
    await vic.uncheck('#prompts');
    await world.checkPress(vic, () => vic.click('main button.go'));
    await uma.fill('#name', 'Glee choir');
    await world.checkPress(uma, () => uma.click('main button.go'), 409);
    await world.checkPress(uma, () => uma.click('main button.go'));
  }

  return {
    'GET /staff/:org/settings': settings,
    'POST /staff/:org/settings': settings,
  };
};
