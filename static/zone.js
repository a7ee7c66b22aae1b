// Offers the browser's own time zone as one more button. Takes nothing. Stands right
// behind the button, so that what follows is laid out once.
(function () {
  'use strict';
  var here = document.getElementById('zone-here');
  var now = document.getElementById('zones').dataset.zone;
  var zone = window.Intl && Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === now) return;
  var button = here.querySelector('button');
  button.value = zone;
  button.querySelector('b').textContent = zone;
  here.hidden = false;
})();
