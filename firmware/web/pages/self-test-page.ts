/**
 * Owns the hardware test as a page: keys, lamps, patterns and handset of the board tried from a browser, and what the panel's own chips
 * were told, live. Never while calls have the desk; keys and handset are moved within the test alone, so that nothing is dialled.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { HookState, KeyName, LampName, LampState, SelfTest, TestState } from '../../../hal/devices.ts';
import { KEY_NAMES, LAMP_NAMES, TRIED_PATTERNS, TRIED_STATES } from '../../../hal/devices.ts';
import type { Rig } from '../hil.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup, message, page } from './markup.ts';
import { live } from './why-pages.ts';

/** The board's hardware, and its test. */
export interface Bench {
  readonly test: SelfTest;
  readonly rig: Omit<Rig, 'panel'> & { panel(): PanelView };
}

/** What was sent to the chips. */
interface PanelView {
  readonly lcd: readonly string[];
  readonly lamps: Readonly<Record<LampName, LampState>>;
  readonly hook: HookState;
}

type Env = { Bindings: HttpBindings };
type Enter = (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response;

const PATH = '/selftest.html';
const TITLE = 'Hardware Test';
const PRESS_MS = 80;
const IN_USE = 'A call has the desk: the test can begin when it has ended.';
const LAY_DOWN = 'Lay the handset down first, or let the phone learn that it lies.';
const NOT_RUNNING = 'The test does not run: a call, or somebody at the desk, has ended it.';

export function mountSelfTestPage(app: Hono<Env>, bench: Bench, enter: Enter): void {
  app.get(PATH, (c) => {
    const viewer = enter(c, 'viewer');
    return viewer instanceof Response ? viewer : c.html(testPage(viewer, bench, markup``));
  });
  app.post(PATH, async (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const error = await carryOut(bench, await c.req.parseBody());
    if (error === null) return c.redirect(PATH, 303);
    return c.html(testPage(viewer, bench, message('bad', [error])), 409);
  });
}

/** One order of the form; an error is a sentence. */
async function carryOut({ test, rig }: Bench, asked: Readonly<Record<string, unknown>>): Promise<string | null> {
  if (asked['act'] === 'begin') return test.begin() ? null : IN_USE;
  const state = test.state();
  if (state === null) return NOT_RUNNING;
  const ofHandset = asked['hook'] !== undefined || ['end', 'learn', 'handset'].includes(String(asked['act']));
  if (state.page === 'handset' && state.handset === 'off' && !ofHandset) return LAY_DOWN;
  const key = KEY_NAMES.find((name) => name === asked['key']);
  if (key !== undefined) {
    test.show('keys', null);
    await rig.key(key, 'press', PRESS_MS);
    return null;
  }
  const { act, hook } = asked;
  const step = LAMP_STEPS.indexOf(String(asked['lamp']));
  const pattern = PATTERNS.indexOf(String(asked['pattern']));
  if (act === 'end') test.end();
  else if (act === 'learn') test.learnHook();
  else if (step >= 0) test.show('lamps', step);
  else if (pattern >= 0) test.show('display', pattern);
  else if (act === 'lamps' || act === 'display' || act === 'handset') test.show(act, null);
  else if (hook === 'on' || hook === 'off') {
    test.show('handset', null);
    rig.hook(hook);
  } else return 'There is no such order.';
  return null;
}

const PATTERNS: readonly string[] = TRIED_PATTERNS;
/** `line1 on`, `line1 slow-flash` …: the steps of the page of lamps. */
const LAMP_STEPS: readonly string[] = LAMP_NAMES.flatMap((lamp) => TRIED_STATES.map((state) => `${lamp} ${state}`));

function testPage(viewer: Viewer, { test, rig }: Bench, told: Markup): string {
  const state = test.state();
  const seen = live(liveView(state, rig.panel()), '/panel/feed');
  const orders = viewer.role === 'admin' ? ordersView(viewer, state !== null) : NOT_YOURS;
  return page(TITLE, PATH, viewer, markup`${told}${seen}${orders}`);
}

const NOT_YOURS = markup`<p>Only the administrator can try the hardware.</p>`;

const liveView = (state: TestState | null, panel: PanelView): Markup => markup`<section><h2>What the Panel Shows</h2>
<pre class="lcd" tabindex="0" aria-label="Screen">${panel.lcd.join('\n')}</pre>
<dl><dt>Test</dt><dd>${state === null ? 'does not run' : `runs: ${state.page}`}</dd>
<dt>Handset</dt><dd>${panel.hook === 'on' ? 'down' : 'lifted'}${state === null || state.note === '' ? '' : `. ${state.note}`}</dd>
<dt>Lamps lit</dt><dd>${litText(panel)}</dd>
<dt>Keys seen</dt><dd>${state === null ? 'counted while the test runs' : markup`${state.seen.size} of ${KEY_NAMES.length}${missingText(state)}`}</dd></dl></section>`;

function litText({ lamps }: PanelView): string {
  const lit = LAMP_NAMES.filter((name) => lamps[name] !== 'off').map((name) => `${name} ${lamps[name]}`);
  return lit.length === 0 ? 'none' : lit.join(', ');
}

const missingText = ({ seen }: TestState): string => {
  const missing = KEY_NAMES.filter((name) => !seen.has(name));
  return missing.length === 0 ? ': all keys work' : `; not yet: ${missing.join('  ')}`;
};

const order = (name: string, value: string, words: string): Markup =>
  markup`<button name="${name}" value="${value}">${words}</button>`;

function ordersView({ csrf }: Viewer, runs: boolean): Markup {
  const form = (title: string, words: string, buttons: readonly Markup[]): Markup =>
    markup`<section><h2>${title}</h2><p>${words}</p><form method="post" action="${PATH}">${csrfField(csrf)}<p class="buttons">${buttons}</p></form></section>`;
  if (!runs)
    return form(
      'Begin',
      'The test takes keys, lamps and screen for itself. The phone goes on unseen; a call that comes or a lifted handset ends the test, and so does it when nobody has touched it for three minutes.',
      [markup`<button class="main" name="act" value="begin">Begin the Test</button>`],
    );
  return markup`${form(
    'Keys',
    'Press them at the desk and watch the list above; or let a contact of the board close from here.',
    KEY_NAMES.map((key: KeyName) => order('key', key, key)),
  )}
${form('Lamps', 'One lamp in one state; or all of them in turn.', [order('act', 'lamps', 'All in turn'), ...LAMP_STEPS.map((step) => order('lamp', step, step))])}
${form('Screen', 'One pattern; or all of them in turn.', [order('act', 'display', 'All in turn'), ...PATTERNS.map((pattern) => order('pattern', pattern, pattern))])}
${form('Handset', 'Lift it at the desk and watch; or let its switch move from here. If the page says the opposite, lay the handset down and let the phone learn it.', [order('act', 'handset', 'Watch'), order('hook', 'off', 'Lift'), order('hook', 'on', 'Lay down'), order('act', 'learn', 'It is down: learn')])}
${form('End', 'The phone stands there again as it was.', [markup`<button class="main" name="act" value="end">End the Test</button>`])}`;
}
