// Makes the door quicker: people are found while a name is typed, the counts
// follow what others do, and where the browser reads codes, its camera may.
// Without script the page's own forms do the same.
(() => {
  'use strict';
  const search = document.querySelector('[data-search]');
  const { q } = search.elements;
  const parts = ['people', 'counts', 'nobody'];
  const find = (name, of = document) => of.querySelector(`[data-${name}]`);
  let asked = 0;

  // Who works with keys stays with the person.
  function stay(row) {
    if (!row || row.isConnected) return;
    const same = document.querySelector(
      `[data-participant="${row.dataset.participant}"] button:not([hidden])`);
    if (same) same.focus();
  }

  // Of several searches only the last one counts; counting stops none.
  async function refresh(words, which) {
    const turn = which === parts ? ++asked : asked;
    const at = `${search.action}?q=${encodeURIComponent(words)}`;
    const answer = await fetch(at, { redirect: 'error' });
    if (!answer.ok || turn !== asked) return;
    const fresh = new DOMParser()
      .parseFromString(await answer.text(), 'text/html');
    if (turn !== asked) return;
    const row = document.activeElement.closest('[data-participant]');
    for (const name of which) {
      find(name).replaceWith(document.adoptNode(find(name, fresh)));
    }
    stay(row);
    document.dispatchEvent(new Event('door-refreshed'));
  }

  const quietly = (words, which) => refresh(words, which).catch(() => {});

  let pause;
  q.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => quietly(q.value, parts), 200);
  });

  // What was sent from here, or by others, is seen without a press.
  document.addEventListener('door-synced', () => quietly(q.value, parts));
  setInterval(() => {
    if (document.visibilityState === 'visible' && navigator.onLine) {
      quietly('', ['counts']);
    }
  }, 10000);

  // --- the camera ---

  async function look(reader, video) {
    const [code] = await reader.detect(video).catch(() => []);
    if (!code) {
      setTimeout(look, 150, reader, video);
      return;
    }
    video.srcObject.getTracks().forEach((track) => track.stop());
    q.value = code.rawValue;
    search.submit();
  }

  async function scan() {
    const video = find('camera');
    video.srcObject = await navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment' } });
    video.hidden = false;
    await video.play();
    look(new BarcodeDetector({ formats: ['qr_code'] }), video);
  }

  if (window.BarcodeDetector && navigator.mediaDevices) {
    const button = find('scan');
    button.hidden = false;
    button.addEventListener('click', () => scan().catch(() => {
      button.hidden = true;
    }));
  }
})();
