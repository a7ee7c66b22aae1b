// Fetches what sends a door's presses, where some may be kept.
(async () => {
  const { dataset } = document.currentScript;
  const kept = await indexedDB.databases?.();
  if (kept && !kept.some((one) => one.name === 'rollcall-door')) return;
  for (const name of ['store', 'send', 'waiting']) {
    const script = document.createElement('script');
    script.src = `/static/door_${name}.js`;
    script.async = false;
    Object.assign(script.dataset, dataset);
    document.head.append(script);
  }
})();
