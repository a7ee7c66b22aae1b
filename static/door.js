// Makes the door quicker: people are found while a name is typed. Without
// script the page's own form does the same.
(() => {
  'use strict';
  const search = document.querySelector('[data-search]');
  const { q } = search.elements;
  const parts = ['people', 'counts', 'nobody', 'more'];
  const find = (name, of = document) => of.querySelector(`[data-${name}]`);
  let asked = 0;

  // Who works with keys stays with the person.
  function stay(row) {
    if (!row || row.isConnected) return;
    const same = document.querySelector(
      `[data-participant="${row.dataset.participant}"] button:not([hidden])`);
    if (same) same.focus();
  }

  // Of several searches only the last one counts.
  async function refresh(words) {
    const turn = ++asked;
    const at = `${search.action}?q=${encodeURIComponent(words)}`;
    const answer = await fetch(at, { redirect: 'error' });
    if (!answer.ok || turn !== asked) return;
    const fresh = new DOMParser()
      .parseFromString(await answer.text(), 'text/html');
    if (turn !== asked) return;
    const row = document.activeElement.closest('[data-participant]');
    for (const name of parts) {
      find(name).replaceWith(document.adoptNode(find(name, fresh)));
    }
    stay(row);
    document.dispatchEvent(new Event('door-refreshed'));
  }

  const quietly = () => refresh(q.value).catch(() => {});

  let pause;
  q.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(quietly, 200);
  });

  // What the rows do not know of themselves: who is new, who did it.
  document.addEventListener('door-synced', quietly);
})();
