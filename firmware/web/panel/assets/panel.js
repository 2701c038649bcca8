/** Owns the front panel in the browser: draws what the feed tells, sends keys. No library, no state of its own but what is drawn. */

const $ = (id) => document.getElementById(id);
/** A press lasts at least so long. */
const PRESS_MS = 80;
const LETTERS = { 2: 'ABC', 3: 'DEF', 4: 'GHI', 5: 'JKL', 6: 'MNO', 7: 'PQRS', 8: 'TUV', 9: 'WXYZ', 0: 'OPER' };
const FAULTS = [
  ['Kill main', 'primary', 'kill'],
  ['Black-hole main', 'primary', 'silent'],
  ['503 main', 'primary', '503'],
  ['Freeze main', 'primary', 'freeze'],
  ['Kill backup', 'backup', 'kill'],
  ['Break DNS', 'dns', 'servfail'],
  ['Landing-page DNS', 'dns', 'landing-page'],
];
const HEAL = [
  ['Bring main back', 'primary'],
  ['Bring backup back', 'backup'],
  ['Mend DNS', 'dns'],
];

const post = (path, body) =>
  fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).then((response) => response.json());

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One after the other: a release must never overtake its press, nor follow so soon that de-bouncing swallows both.
 * A lost one is shown by the summary.
 */
let sent = Promise.resolve();
const send = (path, body) => {
  sent = sent
    .then(() => post(path, body))
    .then(() => (body.action === 'down' ? pause(PRESS_MS) : undefined))
    .catch(() => undefined);
};

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function key(name, label, small) {
  const button = element('button', {
    type: 'button',
    class: 'key',
    'data-key': name,
    'aria-label': /^[▲▼◀▶]$/.test(label) ? name : label,
  });
  button.append(element('span', { class: 'label' }, label));
  if (small !== undefined) button.append(element('small', {}, small));
  button.append(element('span', { class: 'lamp', 'data-lamp': name, 'data-state': 'off', 'aria-hidden': 'true' }));
  const press = (action) => (event) => {
    event.preventDefault();
    send('/panel/key', { key: name, action });
  };
  let down = false;
  button.addEventListener('pointerdown', (event) => {
    down = true;
    press('down')(event);
  });
  for (const end of ['pointerup', 'pointerleave', 'pointercancel'])
    button.addEventListener(end, (event) => {
      if (!down) return;
      down = false;
      press('up')(event);
    });
  // Enter and space on the focused key; a pointer has done its part above.
  button.addEventListener('click', (event) => {
    if (event.detail === 0) press('press')(event);
  });
  return button;
}

for (let n = 1; n <= 6; n += 1) $('softkeys').append(key(`softkey${n}`, `F${n}`));
for (let n = 1; n <= 4; n += 1) $('lines').append(key(`line${n}`, `L${n}`));
for (const [name, label] of [
  ['options', 'Options'],
  ['hold', 'Hold'],
  ['redial', 'Redial'],
  ['mute', 'Mute'],
  ['speaker', 'Speaker'],
  ['goodbye', 'Goodbye'],
])
  $('functions').append(key(name, label));
for (const digit of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'])
  $('dialpad').append(key(digit, digit, LETTERS[digit] ?? ''));
for (const [name, label] of [
  ['volume-down', 'Vol −'],
  ['up', '▲'],
  ['volume-up', 'Vol +'],
  ['left', '◀'],
  ['down', '▼'],
  ['right', '▶'],
])
  $('navigation').append(key(name, label));

const KEYBOARD = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Escape: 'goodbye',
  o: 'options',
  F1: 'softkey1',
  F2: 'softkey2',
  F3: 'softkey3',
  F4: 'softkey4',
  F5: 'softkey5',
  F6: 'softkey6',
};
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const name = /^[0-9*#]$/.test(event.key) ? event.key : KEYBOARD[event.key];
  if (name === undefined) return;
  event.preventDefault();
  const button = document.querySelector(`[data-key="${CSS.escape(name)}"]`);
  button?.classList.add('pressed');
  setTimeout(() => button?.classList.remove('pressed'), 150);
  send('/panel/key', { key: name, action: 'press' });
});

$('hook').addEventListener('click', () =>
  send('/panel/hook', { state: $('hook').getAttribute('aria-pressed') === 'true' ? 'on' : 'off' }),
);

function drawFaults(active) {
  $('lab').hidden = active === null;
  if (active === null || $('faults').childElementCount > 0) return;
  const order = (target, kind, label) => async () => {
    const result = await post('/panel/fault', { target, kind });
    $('fault-result').textContent = result.ok ? `Done: ${label}.` : `Not done: ${result.error}`;
  };
  for (const [label, target, kind] of FAULTS) {
    const button = element('button', { type: 'button' }, label);
    button.addEventListener('click', order(target, kind, label));
    $('faults').append(button);
  }
  for (const [label, target] of HEAL) {
    const button = element('button', { type: 'button', class: 'heal' }, label);
    button.addEventListener('click', order(target, 'clear', label));
    $('faults').append(button);
  }
}

const word = (server) => (server === 'primary' ? 'main' : server);

function lineItem({ line, userName, screenName, registrar }) {
  if (registrar === null)
    return element(
      'li',
      {},
      element('div', { class: 'row' }, element('b', {}, `${line}: ${userName}`), 'no registrar'),
    );
  const good = registrar.state === 'registered';
  const tone = good ? (registrar.server === 'primary' ? 'good' : 'info') : 'bad';
  const where = good ? `registered on the ${word(registrar.server)} server` : registrar.state;
  const expiry = registrar.expiresIn === null ? '' : ` Runs out in ${registrar.expiresIn} s.`;
  const retry = registrar.retryIn === null ? '' : ` Next attempt in ${registrar.retryIn} s.`;
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'row' },
      element('b', {}, `${line}: ${userName} ${screenName}`),
      element('span', { class: tone }, where),
    ),
    element('div', { class: 'sub' }, `${registrar.reason}${expiry}${retry}`),
  );
}

function serverItem({ target, server, name, health, cause, code, hMs, nextProbeIn, retryAfter, lastAnswerAge }) {
  const tone = health === 'dead' ? 'bad' : health === 'live' ? 'good' : 'info';
  const state =
    health === 'dead'
      ? code === null
        ? (cause ?? 'dead').replaceAll('-', ' ')
        : `answers ${code}`
      : health === 'live'
        ? 'answers'
        : 'not asked yet';
  const facts = [target, `silence waited for ${hMs} ms`];
  if (lastAnswerAge !== null) facts.push(`last answer ${lastAnswerAge} s ago`);
  if (nextProbeIn !== null) facts.push(`next check in ${nextProbeIn} s`);
  if (retryAfter !== null) facts.push(`left alone for ${retryAfter} s`);
  return element(
    'li',
    {},
    element(
      'div',
      { class: 'row' },
      element('b', {}, `${word(server)}: ${name}`),
      element('span', { class: tone }, state),
    ),
    element('div', { class: 'sub' }, facts.join(' · ')),
  );
}

const MARKS = { good: '✓ good', bad: '✗ bad', info: '· info' };
let newest = '';

/** Newest first; only what is new is added, so that a screen reader hears each line once. */
function drawDecisions(decisions) {
  const list = $('decisions');
  const keyOf = ({ t, line, text }) => `${t} ${line} ${text}`;
  const known = newest === '' ? -1 : decisions.findLastIndex((decision) => keyOf(decision) === newest);
  for (const decision of decisions.slice(known + 1)) {
    const { t, line, text, severity } = decision;
    list.prepend(
      element(
        'li',
        {},
        element('time', {}, `${(t / 1000).toFixed(2)} s`),
        element('span', { class: 'who' }, line === null ? '' : `L${line}`),
        element('span', { class: severity }, MARKS[severity]),
        element('span', { class: 'what' }, text),
      ),
    );
    newest = keyOf(decision);
  }
  while (list.childElementCount > 200) list.lastElementChild.remove();
}

function summary({ lines, profile, link }) {
  if (lines.length === 0) return 'No line is configured yet: see "Status and settings"';
  const registrars = lines.map(({ registrar }) => registrar).filter((registrar) => registrar !== null);
  const on = (server) =>
    registrars.filter(({ state, server: serving }) => state === 'registered' && serving === server).length;
  const none = registrars.length - on('primary') - on('backup');
  return `${on('primary')} of ${registrars.length} lines on the main server, ${on('backup')} on the backup, ${none} without service · profile ${profile}${link === 'down' ? ' · network disconnected' : ''}`;
}

/** A list without entries is not shown, nor is its heading. */
function fill(id, items) {
  $(id).parentElement.hidden = items.length === 0;
  $(id).replaceChildren(...items);
}

let soundAsked = false;
/** The button appears only where this page can be the phone's microphone and speaker. */
function drawSound(sound) {
  if (!sound || soundAsked) return;
  soundAsked = true;
  $('sound-row').hidden = false;
  void import('./audio.js');
}

/** Where the display has no room for what the softkeys do, it stands on them. */
function drawSoftkeys(labels) {
  for (const [at, label] of labels.entries()) {
    const button = document.querySelector(`[data-key="softkey${at + 1}"]`);
    button.setAttribute('aria-label', label);
    button.querySelector('.label').textContent = label;
  }
}

function draw({ panel, status, softkeys, decisions, faults, sound, pages }) {
  drawSoftkeys(status.model === '53i' ? softkeys : []);
  $('settings').hidden = !pages;
  $('lcd').textContent = panel.lcd.join('\n');
  const columns = panel.lcd[0]?.length ?? 60;
  $('lcd').style.setProperty('--columns', String(columns));
  $('lcd').dataset.size = columns > 20 ? 'large' : 'small';
  $('message-lamp').setAttribute('aria-label', `Message lamp: ${panel.lamps.message ?? 'off'}`);
  $('lcd').classList.toggle('dim', panel.lamps.backlight === 'off');
  for (const lamp of document.querySelectorAll('[data-lamp]'))
    lamp.dataset.state = panel.lamps[lamp.dataset.lamp] ?? 'off';
  $('hook').setAttribute('aria-pressed', String(panel.hook === 'off'));
  $('hook').textContent = panel.hook === 'off' ? 'Put handset down' : 'Lift handset';
  $('summary').textContent = summary(status);
  fill('line-list', status.lines.map(lineItem));
  fill('server-list', status.targets.map(serverItem));
  drawDecisions(decisions);
  drawFaults(faults);
  drawSound(sound);
}

for (const lamp of document.querySelectorAll(
  '#dialpad .lamp, #navigation .lamp, #functions [data-lamp="options"], #functions [data-lamp="redial"], #functions [data-lamp="goodbye"]',
))
  lamp.remove();

const feed = new EventSource('/panel/feed');
feed.onmessage = ({ data }) => draw(JSON.parse(data));
feed.onerror = () => {
  $('summary').textContent = 'The phone does not answer; trying again…';
};
