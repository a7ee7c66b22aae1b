// Says on any page of staff's what this device still keeps for a door, and has
// it sent. What the server did not take stays here until whoever pressed it
// tries again, or saves and discards it. The words are door_waiting.html's.
(() => {
  'use strict';
  if (!navigator.locks || !window.indexedDB || !window.BroadcastChannel) return;
  const { csrf, user } = document.currentScript.dataset;
  // The door's own page sends by itself, and asks for its news with it.
  const door = document.querySelector('[data-door]');
  // What is sent at once is not worth a line that moves what is under a finger.
  const patience = 3000;
  const states = new Map();
  let words;
  let notice;
  let timer;
  let looked = 0;

  const find = (name, of) => of.querySelector(`[data-${name}]`);
  const text = (name) => find(name, words).content.textContent;

  async function fetchWords() {
    const answer = await fetch('/static/door_waiting.html');
    words = new DOMParser().parseFromString(await answer.text(), 'text/html');
    notice = document.adoptNode(find('kept', words));
    const place = find('kept-here', document);
    if (place) place.replaceWith(notice);
    else document.querySelector('h1').after(notice);
  }

  // --- what is kept, in groups ---

  const kindOf = (me) => (a) => {
    if (!me || a.user !== me.user) return 'others';
    return a.why ? 'aside' : 'waiting';
  };

  function groups(queue, me) {
    const made = new Map();
    const kind = kindOf(me);
    for (const attempt of queue) {
      const gone = attempt.why === 404 ? 404 : 'other';
      const key = [attempt.door, kind(attempt), attempt.why && gone].join(' ');
      if (!made.has(key)) {
        made.set(key, { kind: kind(attempt), gone, all: [] });
      }
      made.get(key).all.push(attempt);
    }
    return [...made.values()];
  }

  function whom({ name, sent, why }) {
    const line = find('whom-line', words).content.cloneNode(true);
    const at = new Date(sent.at);
    const does = (words.querySelector(`[data-what="${sent.what}"]`) ||
      find('nobody', words)).content.textContent;
    find('name', line).textContent = name || text('nobody');
    find('what', line).textContent = does;
    find('at', line).dateTime = at.toISOString();
    find('at', line).textContent = at.toLocaleTimeString('en-GB',
      { hour: '2-digit', minute: '2-digit' });
    const said = typeof why === 'string' ? why : text('words=broken');
    find('said', line).textContent = why === 404 ? '' : `. ${said}`;
    return line;
  }

  // --- saving and discarding ---

  // A cell that a spreadsheet would take for a formula is none.
  const cell = (value) => `"${String(value || '').replace(/^[=+\-@\t\r]/, "'$&")
    .replace(/"/g, '""')}"`;

  function save(all) {
    const rows = all.map(({ title, name, sent, why }) => [title, name,
      sent.email, sent.what, new Date(sent.at).toISOString(), why]
      .map(cell).join());
    const file = new Blob([[text('words=head'), ...rows, ''].join('\r\n')],
      { type: 'text/csv' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = 'door.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  const deeds = {
    save,
    async again(all) {
      await doorStore.again(all.map((a) => a.place));
      doorSend.hurry();
      await send();
    },
    async discard(all) {
      if (!confirm(text('words=sure'))) return;
      await doorStore.drop(all.map((a) => a.place));
      doorSend.changed();
    },
  };

  // --- drawing ---

  function draw({ kind, gone, all }) {
    const part = words.querySelector(`[data-line=${kind}]`).content
      .cloneNode(true);
    const [{ title, door: of }] = all;
    find('title', part).textContent = title;
    find('n', part).textContent = all.length;
    for (const said of part.querySelectorAll('[data-state]')) {
      // At its own door that is said above.
      said.hidden = said.dataset.state !== states.get(of) ||
        (door !== null && door.dataset.door === of);
    }
    for (const said of part.querySelectorAll('[data-why]')) {
      said.hidden = said.dataset.why !== String(gone);
    }
    const link = find('sign-in', part);
    if (link) link.href = `/signin?next=${of}`;
    if (kind === 'aside') find('whom', part).append(...all.map(whom));
    for (const button of part.querySelectorAll('[data-do]')) {
      button.hidden = button.dataset.do === 'again' && gone !== 404 &&
        all.some((a) => typeof a.why === 'string');
      button.addEventListener('click', () => deeds[button.dataset.do](all));
    }
    return part;
  }

  async function show() {
    const turn = ++looked;
    const queue = await doorStore.queue();
    const me = await doorStore.who();
    if (queue.length > 0 && !words) await fetchWords();
    if (turn !== looked || !words) return;
    const all = groups(queue, me);
    for (const list of notice.querySelectorAll('[data-list]')) {
      const aside = list.dataset.list === 'aside';
      list.replaceChildren(...all
        .filter(({ kind }) => (kind === 'aside') === aside).map(draw));
      list.hidden = list.children.length === 0;
    }
    notice.hidden = queue.length === 0;
  }

  function look() {
    clearTimeout(timer);
    const calm = [...states.values()].every((state) => state === 'here');
    const seen = notice && !notice.hidden;
    timer = setTimeout(() => show().catch(() => {}),
      calm && !seen ? patience : 100);
  }

  // --- sending ---

  async function send() {
    if (door) document.dispatchEvent(new Event('door-send'));
    else await doorSend.sync();
  }

  // While something waits, and the page is looked at.
  async function again() {
    if (document.visibilityState === 'visible' && navigator.onLine &&
      await doorSend.isWaiting()) await send();
    setTimeout(again, Math.max(doorSend.pause(), 10000));
  }

  async function begin() {
    await doorStore.expire(Date.now());
    doorSend.listen(({ door: of, state }) => {
      if (of && state) states.set(of, state);
      look();
    });
    if ((await doorStore.queue()).length === 0) return;
    if (user) await doorStore.know(user, csrf);
    await show();
    if (door) return;
    addEventListener('online', () => { doorSend.hurry(); send(); });
    await again();
  }

  begin().catch(() => {});
})();
