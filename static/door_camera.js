// Where the browser reads codes, its camera may look for one, until it has, or
// is stopped, or nobody sees the page any more.
(() => {
  'use strict';
  const find = (name) => document.querySelector(`[data-${name}]`);
  const button = find('scan');
  const video = find('camera');
  const search = find('search');
  if (!window.BarcodeDetector || !navigator.mediaDevices) return;

  function stop() {
    if (video.srcObject) video.srcObject.getTracks().forEach((t) => t.stop());
    video.srcObject = null;
    video.hidden = true;
    button.setAttribute('aria-pressed', 'false');
  }

  async function look(reader) {
    if (!video.srcObject) return;
    const [code] = await reader.detect(video).catch(() => []);
    if (!code) {
      setTimeout(look, 150, reader);
      return;
    }
    stop();
    search.elements.q.value = code.rawValue;
    search.requestSubmit();
  }

  const isOn = () => button.getAttribute('aria-pressed') === 'true';

  async function scan() {
    button.setAttribute('aria-pressed', 'true');
    video.srcObject = await navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment' } });
    // It was allowed after somebody had gone on.
    if (document.hidden || !isOn()) {
      stop();
      return;
    }
    video.hidden = false;
    await video.play();
    look(new BarcodeDetector({ formats: ['qr_code'] }));
  }

  button.hidden = false;
  button.addEventListener('click', () => {
    if (isOn()) stop();
    // Who stops a picture before it is there has a camera all the same.
    else scan().catch(({ name }) => {
      stop();
      button.hidden = name !== 'AbortError';
    });
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) stop();
  });
  addEventListener('pagehide', stop);
})();
