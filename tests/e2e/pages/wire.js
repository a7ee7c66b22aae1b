'use strict';
// The headers of each kind of answer there is, as they are on the wire.

const { equal, ok } = require('../lib');

module.exports = (world) => {
  const { stack } = world;

  function kinds() {
    const own = { Origin: stack.url,
      'Content-Type': 'application/x-www-form-urlencoded' };
    const { event, mails } = world.asked('ski', ['eve']);
    stack.sql(`update events set status = 'cancelled' where id = ${event}`);
    return [
      ['/', {}, 200], ['/events', {}, 303], ['/none', {}, 404],
      ['/staff/', {}, 404], ['/signout', {}, 405], ['/healthz', {}, 200],
      ['/readyz', {}, 200], [mails.eve.answer, {}, 410],
      [mails.eve.stop, {}, 200],
      ['/signin', { method: 'POST', headers: own }, 422, 'email='],
      ['/signin', { method: 'POST' }, 403, 'email=x'],
      ['/signin', { method: 'POST', headers: own }, 413, 'x'.repeat(70000)],
      ['/static/style.css', {}, 200], ['/static/none', {}, 404],
      ['/', { method: 'HEAD' }, 200],
      ['/signin', { method: 'POST', headers: { Origin: stack.url,
        'Content-Type': 'text/plain' } }, 415, 'email=x'],
    ];
  }

  async function headers() {
    for (const [url, options, status, body] of kinds()) {
      const rs = await stack.request(url, options, body);
      const what = `${options.method || 'GET'} ${url} ${rs.status}`;
      equal(rs.status, status, what);
      const csp = rs.headers['content-security-policy'] || '';
      ok(csp.includes("default-src 'none'") && !csp.includes('unsafe') &&
        csp.includes("frame-ancestors 'none'"), `${what}: policy ${csp}`);
      equal(rs.headers['x-content-type-options'], 'nosniff', what);
      equal(rs.headers['referrer-policy'], 'same-origin', what);
      ok(/^[0-9a-f]{32}$/.test(rs.headers['x-request-id']), `${what}: id`);
      ok(!/\d/.test(rs.headers.server), `${what}: ${rs.headers.server}`);
      ok(!rs.headers['x-powered-by'], what);
      if (!url.startsWith('/static/') && status !== 413) {
        equal(rs.headers['cache-control'], 'no-store', what);
      }
      if (status === 404 && url !== '/static/none') {
        ok(rs.body.includes(rs.headers['x-request-id']), `${what}: its number`);
      }
    }
  }

  return { 'every kind of answer has its headers': headers };
};
