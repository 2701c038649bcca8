/** Owns keeping a page of reasons as new as the phone: what changed is loaded again, open messages stay open, the focus stays where it is. */
const GATHER_MS = 300;
const place = document.getElementById('live');
const state = document.getElementById('live-state');
let waiting = null;

async function load() {
  waiting = null;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null);
  if (answer === null || !answer.ok) {
    state.textContent = 'The phone does not answer: this is what was known last.';
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live');
  if (fresh === null || fresh.innerHTML === place.dataset.shown) return;
  place.dataset.shown = fresh.innerHTML;
  const open = [...place.querySelectorAll('details[open]')].map(({ id }) => id);
  const focused = document.activeElement?.closest('details')?.id;
  place.replaceChildren(...fresh.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  if (focused) document.getElementById(focused)?.querySelector('summary')?.focus();
}

function changed() {
  if (waiting === null) waiting = setTimeout(load, GATHER_MS);
}

const events = new EventSource(place.dataset.feed);
events.addEventListener('open', () => {
  state.textContent = 'Live: what happens next appears here by itself.';
  changed();
});
events.addEventListener('message', changed);
events.addEventListener('error', () => {
  state.textContent = 'The phone does not answer: this is what was known last.';
});
