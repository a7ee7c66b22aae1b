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

  const row_of = (part) => part.closest('li');

  // Of who waits for a place, a press lets them in as well.
  function dress(row, { status, status_text: words, is_waiting: waits }) {
    const now = waits && status === 'unknown' ? 'waiting' : status;
    const text = row.querySelector('[data-said]');
    // When it was, and who did it, was said of what is no longer so.
    if (text.textContent !== words) {
      for (const old of row.querySelectorAll('.soft')) old.remove();
    }
    text.textContent = words;
    text.className = `status ${status}`;
    for (const part of row.querySelectorAll('[data-for]')) {
      part.hidden = !part.dataset.for.split(' ').includes(now);
    }
  }

  // How a person is once what was pressed has arrived.
  function pressed(what) {
    const kept = find('words').content.querySelector(`[data-kept=${what}]`);
    return { status: kept.dataset.as, status_text: kept.textContent };
  }

  // The rows are as they came, but for these people, and for what waits.
  async function draw(people = []) {
    const attempts = await doorStore.attempts(door);
    const own = attempts.filter((a) => a.user === user);
    const now = new Map(people.map((p) => [String(p.id), p]));
    for (const { participant, what } of own) {
      if (participant) now.set(participant, pressed(what));
    }
    for (const row of every('participant')) {
      const told = now.get(row.dataset.participant);
      if (told) dress(row, told);
    }
    const is = { away: state === 'away', out: state === 'out',
      no: state === 'no', waiting: own.length > 0,
      others: attempts.length > own.length };
    for (const part of every('when')) part.hidden = !is[part.dataset.when];
    find('network').hidden = !Object.values(is).includes(true);
    find('waiting').textContent = own.length;
    find('others').textContent = attempts.length - own.length;
  }

  // --- looking for somebody without a network ---

  const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '')
    .toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word);

  // The code of a registration, or its address, as a scanner types it: whose it
  // is stands in it. The server looks at its signature, we at the list.
  function coded(typed) {
    const code = /^(?:.*\/)?([\w-]{64})$/.exec(typed);
    if (!code) return null;
    const bytes = Uint8Array.from(atob(code[1].replace(/-/g, '+')
      .replace(/_/g, '/')), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    return { id: Number(view.getBigUint64(4)), generation: view.getUint32(12) };
  }

  function fit(typed) {
    const code = coded(typed);
    const wanted = plain(typed);
    if (code) {
      return (p) => p.id === code.id && p.generation === code.generation;
    }
    return (p) => {
      const names = plain(p.name);
      return wanted.every((word) => names.some((n) => n.startsWith(word)));
    };
  }

  // What the door role was shown it may find again.
  function note() {
    return Number(least) === 0 ? null : doorStore.saw(door,
      [...every('participant')].map((row) => {
        const said = row.querySelector('[data-said]');
        return { id: Number(row.dataset.participant), is_in: true,
          name: row.querySelector('[data-name]').textContent,
          status: said.classList[1], status_text: said.textContent };
      }));
  }

  async function look() {
    const typed = search.elements.q.value.trim();
    const people = typed.length < Number(least) ? []
      : (await doorStore.people(door)).filter(fit(typed))
        .sort((a, b) => a.name.localeCompare(b.name)).slice(0, shown);
    find('people').replaceChildren(...people.map((person) => {
      const row = find('row').content.firstElementChild.cloneNode(true);
      row.dataset.participant = person.id;
      row.querySelector('[data-name]').textContent = person.name;
      row.querySelector('[name=participant]').value = person.id;
      dress(row, person);
      return row;
    }));
    find('nobody').textContent = '';
    await draw();
  }

  // --- sending ---

  function turn(to, people) {
    const was = state;
    state = to;
    return to === 'away' && was !== 'away' ? look() : draw(people);
  }

  function tell(results) {
    for (const { said } of results.filter((r) => !r.is_done)) {
      const line = document.createElement('li');
      line.textContent = said;
      find('told').prepend(line);
      find('told').hidden = false;
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
    // Without a list, whom it was about is known all the same.
    said.people.push(...said.results.filter((r) => r.participant_id &&
      !said.people.some((p) => p.id === r.participant_id))
      .map((r) => ({ ...r, id: r.participant_id, is_in: true })));
    await doorStore.heard(door, user, said, attempts.map((a) => a.place));
    tell(said.results);
    await turn('here', said.people);
    if (attempts.length > 0) document.dispatchEvent(new Event('door-synced'));
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

  // A button comes to where another was: the second tap is no press of it.
  const taps = 500;
  let tapped = { at: -taps };

  function again(form, at) {
    const { participant, user: member } = form.elements;
    const who = (participant || member).value;
    const is = tapped.who === who && at - tapped.at < taps;
    if (!is) tapped = { who, at };
    return is;
  }

  async function press(form, button) {
    const { csrf: _, ...fields } = Object.fromEntries(new FormData(form));
    const row = row_of(form);
    await doorStore.press(door, { ...fields, what: button.value,
      key: crypto.randomUUID(), user });
    if (!fields.participant) dress(row, pressed(button.value));
    await draw();
    // The button that was pressed is gone: who works with keys goes on there.
    const next = row && row.querySelector('button:not([hidden])');
    if (next && button.hidden) next.focus();
  }

  let works = true;

  document.addEventListener('submit', (event) => {
    const { target: form, submitter } = event;
    if (!works || !form.matches('[data-attempt]')) return;
    event.preventDefault();
    if (again(form, event.timeStamp)) return;
    press(form, submitter).then(() => sync(false), () => {
      // A device that keeps nothing still has the form.
      works = false;
      form.requestSubmit(submitter);
    });
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

  document.addEventListener('door-refreshed', async () => {
    await note();
    await draw();
  });

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

  // A page that came from this device does not know what was looked for.
  search.elements.q.value ||= new URLSearchParams(location.search).get('q');
  doorStore.claim(door, user).then(note).then(() => sync(true));
})();
