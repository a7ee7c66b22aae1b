'use strict';
// The standing pages: help, privacy, accessibility.

const { equal } = require('../lib');

module.exports = (world) => Object.fromEntries(
  ['/help', '/privacy', '/accessibility'].map((url) => [`GET ${url}`,
    async () => {
      for (const page of [world.guest, await world.as('ada')]) {
        await world.check(page, url);
        equal(await page.locator('.foot [aria-current=page]').count(), 1);
        equal(await page.locator('main a[href="mailto:help@localhost"]').count(),
          1, 'whom to write to');
      }
    }]));
