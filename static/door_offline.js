// Makes the door's page work without a network: every press is put on this
// device first and sent from there, at once or when the network is back, and
// the search looks through the list on this device. Without script the page's
// own forms do the same over the network.
(() => {
  'use strict';
  const here = document.querySelector('[data-door]');
  if (!here || !navigator.serviceWorker || !navigator.locks) return;
  const { door, user, csrf, least } = here.dataset;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const every = (name) => document.querySelectorAll(`[data-${name}]`);
  const search = find('search');
  // As many as a request may carry, and as many rows as a phone likes to draw.
  const batch = 50;
  const shown = 50;
  // here; away: no server; out: nobody is signed in; no: not for this person
  let state = 'here';

  // --- what is shown ---

  function dress(row, status, words) {
    const text = row.querySelector('[data-said]');
    text.textContent = words;
    text.className = `status ${status}`;
    for (const part of row.querySelectorAll('[data-for]')) {
      part.hidden = !part.dataset.for.split(' ').includes(status);
    }
  }

  // What the list says of each person, and over it what waits to be sent.
  function standing(people, attempts) {
    const now = new Map(people.map((p) => [String(p.id), p]));
    for (const attempt of attempts) {
      const kept = find(`kept="${attempt.what}"`);
      if (attempt.participant && kept) {
        now.set(attempt.participant,
          { status: kept.dataset.as, status_text: kept.textContent });
      }
    }
    return now;
  }

  async function draw() {
    const [people, attempts] = await Promise.all([doorStore.people(door),
      doorStore.attempts(door)]);
    const own = attempts.filter((a) => a.user === user);
    const now = standing(people, own);
    for (const row of every('participant')) {
      const told = now.get(row.dataset.participant);
      if (told) dress(row, told.status, told.status_text);
    }
    const true_of = { away: state === 'away', out: state === 'out',
      no: state === 'no', waiting: own.length > 0,
      others: attempts.length > own.length };
    for (const part of every('when')) part.hidden = !true_of[part.dataset.when];
    find('network').hidden = !Object.values(true_of).includes(true);
    find('waiting').textContent = own.length;
    find('others').textContent = attempts.length - own.length;
  }

  // --- looking for somebody without a network ---

  const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '')
    .toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word);

  async function look() {
    const typed = search.elements.q.value;
    const wanted = plain(typed);
    const fits = (p) => {
      const names = plain(p.name);
      return wanted.every((word) => names.some((n) => n.startsWith(word)));
    };
    const people = typed.trim().length < Number(least) ? []
      : (await doorStore.people(door)).filter(fits)
        .sort((a, b) => a.name.localeCompare(b.name)).slice(0, shown);
    find('people').replaceChildren(...people.map((person) => {
      const row = find('row').content.cloneNode(true);
      row.firstElementChild.dataset.participant = person.id;
      row.querySelector('[data-name]').textContent = person.name;
      for (const field of row.querySelectorAll('[name=participant]')) {
        field.value = person.id;
      }
      return row;
    }));
    await draw();
  }

  // --- sending ---

  function turn(to) {
    const was = state;
    state = to;
    if (to === 'away' && was !== 'away') return look();
    return draw();
  }

  function tell(results) {
    for (const { said } of results.filter((r) => !r.is_done)) {
      const line = document.createElement('li');
      line.textContent = said;
      find('told').prepend(line);
    }
  }

  function ask(held, device, whole, attempts) {
    return fetch(`${door}/sync`, { method: 'POST', redirect: 'manual',
      signal: AbortSignal.timeout(20000),
      body: new URLSearchParams({ csrf, device, whole: whole ? 'yes' : 'no',
        ...(held && held.contact ? { contact: held.contact } : {}),
        attempts: JSON.stringify(attempts.map(
          ({ place, door: _, user: __, ...rest }) => rest)) }) });
  }

  // Sends what waits, a batch; says whether more waits.
  async function send(whole) {
    const attempts = (await doorStore.attempts(door))
      .filter((a) => a.user === user).slice(0, batch);
    const held = await doorStore.door(door);
    const answer = await ask(held, await doorStore.device(),
      whole || !held, attempts);
    if (answer.type === 'opaqueredirect' || answer.status === 403) {
      await doorStore.forget([door]);
      await turn('out');
      return false;
    }
    if (answer.status === 404) {
      await doorStore.forget([door]);
      await turn('no');
      return false;
    }
    if (!answer.ok) throw new Error(answer.statusText);
    const said = await answer.json();
    await doorStore.heard(door, said, attempts.map((a) => a.place));
    tell(said.results);
    await turn('here');
    return attempts.length === batch;
  }

  // One page of this browser at a time.
  const sync = (whole) => navigator.locks.request('rollcall-door', async () => {
    await doorStore.expire(Date.now());
    try {
      for (let first = whole; await send(first); first = false);
    } catch {
      await turn('away');
    }
  });

  // --- pressing ---

  // A form may tick several people: an attempt each.
  function attempts_of(form, button) {
    const data = new FormData(form, button);
    data.delete('csrf');
    const people = data.getAll('participant');
    const rest = Object.fromEntries(data);
    return (people.length ? people : [undefined]).map((participant) =>
      ({ ...rest, participant, key: crypto.randomUUID(), user }));
  }

  async function press(form, button) {
    for (const attempt of attempts_of(form, button)) {
      await doorStore.press(door, attempt);
    }
    form.reset();
    await draw();
    await sync(false);
  }

  document.addEventListener('submit', (event) => {
    if (!event.target.matches('[data-attempt]')) return;
    event.preventDefault();
    press(event.target, event.submitter);
  });

  // Before the search that asks the server hears of it.
  for (const name of ['input', 'submit']) {
    document.addEventListener(name, (event) => {
      if (state !== 'away' || !search.contains(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      look();
    }, true);
  }

  addEventListener('offline', () => turn('away'));
  addEventListener('online', () => sync(false));
  setInterval(() => {
    if (document.visibilityState === 'visible') sync(false);
  }, 10000);

  // The worker keeps the page when it sees it pass by: not when it was not
  // there yet, and not with a search in its address.
  const keep = () => fetch(door).catch(() => {});
  navigator.serviceWorker.addEventListener('controllerchange', keep);
  if (location.search) keep();
  navigator.serviceWorker.register('/staff/door_worker.js');
  sync(true);
})();
