/** Owns the page of the account: do not disturb and forwards, set on the running phone as by its keys, under the original's address and fields (web-forms). */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { FORWARD_RINGS_MAX } from '../../config/defaults.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup, message, page } from './markup.ts';
import { SAVED } from './settings-pages.ts';

type When = 'all' | 'busy' | 'noanswer';
interface Forward {
  readonly on: boolean;
  readonly to: string;
}

/** What the desk answers; all accounts have it together. */
export interface Answers {
  readonly dnd: 'on' | 'off';
  readonly forward: Readonly<Record<When, Forward>>;
  readonly rings: number;
}

export interface Account {
  answers(): Answers;
  dnd(state: 'on' | 'off'): void;
  /** `to` null = off. What came of it, `answers` tells. */
  forward(when: When, to: string | null, rings: number): void;
}

type Env = { Bindings: HttpBindings };

const PATH = '/callforward.html';
const RINGS = 'ringNumber1';
const TITLE = 'Account Configuration';
const FORWARDS: readonly (readonly [when: When, field: string, label: string])[] = [
  ['all', 'All', 'All calls'],
  ['busy', 'Busy', 'Busy'],
  ['noanswer', 'NoAnswer', 'No answer'],
];

export function mountAccountPage(
  app: Hono<Env>,
  account: Account,
  enter: (c: Context<Env>, need: 'viewer' | 'admin') => Viewer | Response,
): void {
  app.get(PATH, (c) => {
    const viewer = enter(c, 'viewer');
    return viewer instanceof Response ? viewer : c.html(page(TITLE, PATH, viewer, view(account.answers(), viewer)));
  });
  app.post(PATH, async (c) => {
    const viewer = enter(c, 'admin');
    if (viewer instanceof Response) return viewer;
    const posted = await c.req.parseBody();
    const wrong = save(account, posted);
    const told =
      wrong.length === 0
        ? message('good', [`${SAVED}.`, 'The phone acts on it now.', ...unheard(posted)])
        : message('bad', wrong);
    const body = markup`${told}${view(account.answers(), viewer)}`;
    return c.html(page(TITLE, PATH, viewer, body), wrong.length === 0 ? 200 : 400);
  });
}

/** A field that is not posted stays as it is. */
function save(account: Account, posted: Readonly<Record<string, unknown>>): readonly string[] {
  const text = (name: string): string | null => (typeof posted[name] === 'string' ? posted[name].trim() : null);
  const wrong: string[] = [];
  const rings = Number(text(RINGS) ?? account.answers().rings);
  if (!isRings(rings)) return [`Rings before no answer: expected a whole number from 1 to ${FORWARD_RINGS_MAX}.`];
  const dnd = text('dnd1');
  if (dnd !== null) account.dnd(isOn(dnd) ? 'on' : 'off');
  for (const [when, field, label] of FORWARDS) {
    const [state, number] = [text(`State${field}1`), text(`fwdNumber${field}1`)];
    const before = account.answers().forward[when];
    const wanted = { on: state === null ? before.on : isOn(state), to: number ?? before.to };
    const same = wanted.on === before.on && (!wanted.on || isSame(before, wanted));
    if (same && (when !== 'noanswer' || rings === account.answers().rings)) continue;
    account.forward(when, wanted.on ? wanted.to : null, rings);
    const after = account.answers().forward[when];
    if (wanted.on && !isSame(after, wanted))
      wrong.push(`Forward "${label}": "${wanted.to.slice(0, 40)}" is no number that calls can be sent to.`);
  }
  return wrong;
}

const OF_OTHERS = /^(?:(?:fwdNumber|State)(?:All|Busy|NoAnswer)|ringNumber|dnd)[2-9]$/;

/** Said only where somebody has chosen: a script posts every field of every account. */
function unheard(posted: Readonly<Record<string, unknown>>): readonly string[] {
  const chosen = Object.entries(posted).filter(
    ([name, value]) => OF_OTHERS.test(name) && value !== '' && value !== '0',
  );
  if (chosen.length === 0) return [];
  const names = chosen.map(([name]) => name).join(', ');
  return [`Without effect: ${names}. All accounts are set together, by the fields of account 1.`];
}

const isOn = (value: string): boolean => value === '1' || value === 'on';
const isSame = (one: Forward, other: Forward): boolean => one.on === other.on && one.to === other.to;
const isRings = (rings: number): boolean => Number.isInteger(rings) && rings >= 1 && rings <= FORWARD_RINGS_MAX;

function view({ dnd, forward, rings }: Answers, viewer: Viewer): Markup {
  const off = viewer.role === 'admin' ? markup`` : markup` disabled`;
  const state = (name: string, label: string, on: boolean): Markup =>
    markup`<div class="field"><label for="${name}">${label}</label><select id="${name}" name="${name}"${off}><option value="0"${on ? '' : markup` selected`}>off</option><option value="1"${on ? markup` selected` : ''}>on</option></select></div>`;
  return markup`<form method="post" action="${PATH}" autocomplete="off">${csrfField(viewer.csrf)}
<p>For all accounts of this phone, as set at the desk; kept over a restart.</p>
<fieldset><legend>Do Not Disturb</legend>${state('dnd1', 'Do not disturb', dnd === 'on')}</fieldset>
<fieldset><legend>Call Forward</legend>
${FORWARDS.map(
  ([when, field, label]) =>
    markup`${state(`State${field}1`, label, forward[when].on)}<div class="field"><label for="fwdNumber${field}1">${label}: to number</label><input id="fwdNumber${field}1" name="fwdNumber${field}1" type="text" inputmode="tel" maxlength="64" value="${forward[when].to}"${off}></div>`,
)}
<div class="field"><label for="${RINGS}">Rings before no answer</label><input id="${RINGS}" name="${RINGS}" type="text" inputmode="numeric" maxlength="2" value="${rings}"${off}></div>
<p class="note">A call rings 1 to ${FORWARD_RINGS_MAX} times before it is forwarded. A forward of all calls comes before do not disturb, which finds the phone busy.</p>
</fieldset>
${viewer.role === 'admin' ? markup`<p class="buttons"><button class="main">Save Settings</button></p>` : markup`<p>Only the administrator can change these.</p>`}</form>`;
}
