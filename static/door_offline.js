// Makes the door's page work without a network: every press is put on this
// device first and sent from there, at once or when the network is back, and
// the search looks through the list on this device. Without script the page's
// own forms do the same over the network.
(() => {
  'use strict';
  const here = document.querySelector('[data-door]');
  if (!here) return;
  const { door, user, csrf, least, title } = here.dataset;
  const find = (name) => document.querySelector(`[data-${name}]`);
  const every = (name) => document.querySelectorAll(`[data-${name}]`);
  const search = find('search');
  const somebody = find('new');
  // As many rows as a phone likes to draw.
  const shown = 50;
  // What door_send.js says of this door.
  let state = 'here';
  const isAway = () => state === 'away' || state === 'busy';

  function say(when, is) {
    for (const part of every('when')) {
      if (part.dataset.when === when) part.hidden = !is;
    }
  }

  if (!navigator.serviceWorker || !navigator.locks || !window.indexedDB ||
    !window.BroadcastChannel) {
    say('none', true);
    return;
  }

  // --- what is shown ---

  const row_of = (part) => part.closest('li');

  // When it was, and who did it, was said of what is no longer so.
  function dressTime(row, { marked_text: at, by_name: by }, text) {
    for (const old of row.querySelectorAll('.soft')) old.remove();
    if (!at) return;
    const soft = find('soft-words').content.firstElementChild.cloneNode(true);
    soft.querySelector('[data-at]').textContent = at;
    soft.querySelector('[data-by]').textContent = by || '';
    soft.querySelector('[data-by-words]').hidden = !by;
    text.after(' ', soft);
  }

  // Of who waits for a place, a press lets them in as well.
  function dress(row, told) {
    const { status, status_text: words, is_waiting: waits } = told;
    const now = waits && status === 'unknown' ? 'waiting' : status;
    const text = row.querySelector('[data-said]');
    if (text.textContent !== words || told.marked_text) {
      dressTime(row, told, text);
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

  const own = async () => (await doorStore.attempts(door))
    .filter((a) => a.user === user && !a.why);

  // The rows are as they came, but for these people, and for what waits.
  async function draw(people = []) {
    const now = new Map(people.map((p) => [String(p.id), p]));
    for (const { sent } of await own()) {
      if (sent.participant) now.set(sent.participant, pressed(sent.what));
    }
    for (const row of every('participant')) {
      const told = now.get(row.dataset.participant);
      if (told) dress(row, told);
    }
    for (const name of ['away', 'busy', 'out', 'no']) say(name, name === state);
    find('network').hidden = state === 'here';
  }

  // {here: 12, late: 0, ...}: what is none is not said.
  function count(counts) {
    for (const part of every('count')) {
      const n = counts[part.dataset.count] || 0;
      part.textContent = n;
      const some = part.closest('[data-some]');
      if (some) some.hidden = n === 0;
    }
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

  function row_for(person) {
    const row = find('row').content.firstElementChild.cloneNode(true);
    row.querySelector('[data-name]').textContent = person.name;
    if (person.id) {
      row.dataset.participant = person.id;
      row.querySelector('[name=participant]').value = person.id;
    }
    dress(row, person);
    // Nothing can be done with who is not known to the server yet.
    if (!person.id) row.querySelector('form').remove();
    return row;
  }

  // Who was let in here and is new.
  const fresh = async () => (await own()).filter((a) => a.sent.email)
    .map(({ name, sent }) => ({ name, ...pressed(sent.what) }));

  // As the server has them, so that nobody moves when the network goes.
  const before = (a, b) =>
    (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1);

  async function look() {
    const typed = search.elements.q.value.trim();
    const people = typed.length < Number(least) ? []
      : [...await fresh(), ...await doorStore.people(door)].filter(fit(typed))
        .sort(before).slice(0, shown);
    find('people').replaceChildren(...people.map(row_for));
    const which = people.length > 0 ? 'found' : 'found-none';
    const words = find('words').content.querySelector(`[data-${which}]`)
      .cloneNode(true);
    const n = words.querySelector('[data-n]');
    if (n) n.textContent = people.length;
    find('nobody').replaceChildren(...(typed ? words.childNodes : []));
    find('more').hidden = true;
    await draw();
  }

  // --- sending ---

  function tell(news, names) {
    for (const { said, key } of news) {
      const line = document.createElement('li');
      line.textContent = names[key] && !said.includes(names[key])
        ? `${names[key]}: ${said}` : said;
      find('told').prepend(line);
      find('told').hidden = false;
    }
  }

  async function turn(to, people) {
    const was = isAway();
    state = to;
    if (isAway() && !was) await look();
    else await draw(people);
    if (was && !isAway()) document.dispatchEvent(new Event('door-synced'));
  }

  async function heard({ door: of, state: to, said, names, news }) {
    if (of !== door || !to) return;
    await turn(to, said && said.people);
    if (!said) return;
    if (said.counts) count(said.counts);
    tell(news, names);
    // Somebody has a row of their own from now on.
    if (said.results.some((r) => r.what === 'walk_in')) {
      document.dispatchEvent(new Event('door-synced'));
    }
  }

  let timer;

  // Less often when nobody looks; not at all without a network.
  function later() {
    clearTimeout(timer);
    if (!navigator.onLine || state === 'out' || state === 'no') return;
    const usual = document.visibilityState === 'visible' ? 10000 : 60000;
    timer = setTimeout(() => sync(false),
      isAway() ? doorSend.pause() : Math.max(usual, doorSend.pause()));
  }

  async function sync(whole) {
    await doorSend.sync(door, whole).catch(() => turn('away'));
    later();
  }

  const now = () => { doorSend.hurry(); return sync(false); };

  // While the server is away, what waits is sent in its turn.
  async function soon() {
    doorSend.changed(door);
    if (!isAway()) await sync(false);
    if (!await doorSend.isWaiting()) return;
    const { sync: background } = await navigator.serviceWorker.ready;
    if (background) await background.register('door').catch(() => {});
  }

  // --- pressing ---

  // A button comes to where another was: the second tap is no press of it.
  const taps = 500;
  let tapped = { at: -taps };

  function again(form, at) {
    const { participant, user: member, email } = form.elements;
    const who = (participant || member || email).value;
    const is = tapped.who === who && at - tapped.at < taps;
    if (!is) tapped = { who, at };
    return is;
  }

  async function press(form, button) {
    const { csrf: _, ...fields } = Object.fromEntries(
      [...new FormData(form)].map(([key, value]) => [key, value.trim()]));
    const row = row_of(form);
    const name = fields.name || (row
      ? row.querySelector('[data-name]').textContent : form.dataset.whom);
    await doorStore.press({ door, title, user, name, sent: { ...fields,
      what: button.value, key: crypto.randomUUID() } });
    if (form === somebody) {
      find('people').prepend(row_for({ name, ...pressed(button.value) }));
      form.reset();
      form.hidden = true;
      search.elements.q.focus();
    } else if (row && !fields.participant) {
      dress(row, pressed(button.value));
    }
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
    press(form, submitter).then(soon, () => {
      // A device that keeps nothing still has the form.
      works = false;
      say('none', true);
      form.requestSubmit(submitter);
    });
  });

  // Before the search that asks the server hears of it.
  for (const name of ['input', 'submit']) {
    document.addEventListener(name, (event) => {
      if (!isAway() || !search.contains(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      look();
    }, true);
  }

  // The page for somebody new needs the network, the form for it does not.
  document.addEventListener('click', (event) => {
    if (!isAway() || !event.target.closest('[data-new-link]')) return;
    event.preventDefault();
    somebody.hidden = false;
    somebody.elements.name.focus();
  });

  document.addEventListener('door-refreshed', async () => {
    await note();
    await draw();
  });

  document.addEventListener('door-send', now);
  addEventListener('offline', () => { clearTimeout(timer); turn('away'); });
  addEventListener('online', now);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' &&
      (state === 'here' || state === 'out')) sync(false);
    else later();
  });

  // --- what this device promises ---

  // The worker keeps the page when it sees it pass by: not when it was not
  // there yet, and not with a search in its address.
  const keep = () => fetch(door).catch(() => {});

  async function promise() {
    navigator.serviceWorker.addEventListener('controllerchange', keep);
    if (location.search) keep();
    await navigator.serviceWorker.register('/staff/door_worker.js');
    say('loose', !(navigator.storage && navigator.storage.persist &&
      await navigator.storage.persist()));
  }

  async function begin() {
    doorSend.listen((message) => heard(message).catch(() => {}));
    // A page that came from this device does not know what was looked for.
    search.elements.q.value ||= new URLSearchParams(location.search).get('q');
    await doorStore.know(user, csrf);
    await doorStore.claim(door, user);
    // What was set aside because the door was shut to them, and is not now.
    await doorStore.again((await doorStore.attempts(door))
      .filter((a) => a.user === user && a.why === 404).map((a) => a.place));
    await note();
    await sync(true);
  }

  promise().catch(() => say('none', true));
  begin().catch(() => say('none', true));
})();
