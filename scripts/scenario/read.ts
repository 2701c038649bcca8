/** Owns reading a scenario file: YAML in, steps or one clear line out that names the line of the file. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Result } from '../../firmware/kernel/result.ts';
import { fail, ok } from '../../firmware/kernel/result.ts';
import { PRESENCES, readCallHeader } from '../lab/protocol.ts';
import type { Act, EventPattern, Expectation, Scenario, ServerName, Step } from './steps.ts';
import { titleOf } from './titles.ts';

const WITHIN_S = 60;
const SECONDS_MAX = 7200;
const STEPS_MAX = 1000;
const MODIFIERS = ['within', 'bound'];

type What = Act | Expectation;
type Read = Result<What, string>;
type Fields = Readonly<Record<string, unknown>>;

/** `name` names the scenario in reports. */
export function readScenario(text: string, name: string): Result<Scenario, string> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return fail(`line ${lines.linePos(error.pos[0]).line}: ${error.message.split('\n', 1)[0]}`);
  if (!isSeq(document.contents)) return fail('line 1: a list of steps is expected');
  const { items } = document.contents;
  if (items.length === 0 || items.length > STEPS_MAX) return fail(`line 1: 1 to ${STEPS_MAX} steps are expected`);
  const steps: Step[] = [];
  for (const item of items) {
    const range = isMap(item) || isScalar(item) || isSeq(item) ? item.range : null;
    const line = range == null ? 1 : lines.linePos(range[0]).line;
    const step = isMap(item)
      ? readStep(item.toJS(document) as Fields, line)
      : fail('a step is expected, as "verb: what"');
    if (!step.ok) return fail(`line ${line}: ${step.error}`);
    steps.push(step.value);
  }
  const begun = steps.filter(({ what }) => what.kind !== 'say');
  const late = begun.slice(1).find(({ what }) => what.kind === 'lab');
  if (late !== undefined) return fail(`line ${late.line}: lab stands first, before anything is started`);
  const said = steps.find(({ what }) => what.kind === 'say');
  return ok({ name, title: said?.title ?? name, steps });
}

function readStep(fields: Fields, line: number): Result<Step, string> {
  const verbs = Object.keys(fields).filter((key) => !MODIFIERS.includes(key));
  const [verb] = verbs;
  if (verb === undefined || verbs.length > 1) return fail(`one verb a step: ${Object.keys(VERBS).join(', ')}`);
  const read = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (read === undefined) return fail(`unknown verb "${short(verb)}": ${Object.keys(VERBS).join(', ')}`);
  const what = read(fields[verb]);
  if (!what.ok) return fail(`${verb}: ${what.error}`);
  const given = { within: fields['within'] ?? WITHIN_S, bound: fields['bound'] ?? null };
  if (!isSeconds(given.within)) return fail('within: a number of seconds');
  if (given.bound !== null && !isSeconds(given.bound)) return fail('bound: a number of seconds');
  const forS = what.value.kind === 'expectNoEvent' ? ` for ${given.within} s` : '';
  return ok({
    line,
    title: `${titleOf(what.value)}${forS}`,
    what: what.value,
    withinS: given.within,
    boundS: given.bound,
  });
}

const VERBS: Readonly<Record<string, (value: unknown) => Read>> = {
  say: (value) => text(value, (said) => ({ kind: 'say', text: said })),
  lab: (value) => {
    const { ttl = null, minExpires = null, ...rest } = mapOf(value) ?? { '': null };
    if (Object.keys(rest).length > 0) return fail('{ttl: SECONDS, minExpires: SECONDS}');
    if (!isSecondsOrNull(ttl) || !isSecondsOrNull(minExpires)) return fail('numbers of seconds are expected');
    return ok({ kind: 'lab', ttlS: ttl, minExpiresS: minExpires });
  },
  start: (value) => {
    const parameters = mapOf(value ?? {});
    if (parameters === null || !Object.values(parameters).every(isPlain)) return fail('{PARAMETER: VALUE} is expected');
    return ok({ kind: 'start', parameters: asText(parameters) });
  },
  stop: (value) => oneOf(value, ['clean', 'unclean'], (how) => ({ kind: 'stop', how })),
  fault: readFault,
  clear: (value) => text(value, (target) => ({ kind: 'clear', target })),
  present: readPresent,
  call: readCall,
  command: (value) => text(value, (command) => ({ kind: 'command', command })),
  ask: (value) => text(value, (asked) => ({ kind: 'ask', text: asked })),
  wait: (value) => (isSeconds(value) ? ok({ kind: 'wait', seconds: value }) : fail('a number of seconds')),
  control: (value) => text(value, (line) => ({ kind: 'control', line })),
  press: readPress,
  keyDown: (value) => text(value, (key) => ({ kind: 'contact', key, action: 'down' })),
  keyUp: (value) => text(value, (key) => ({ kind: 'contact', key, action: 'up' })),
  dial: (value) =>
    /^[0-9*#]{1,40}$/.test(String(value)) ? ok({ kind: 'dial', digits: String(value) }) : fail('digits, * and #'),
  push: (value) => text(value, (document) => ({ kind: 'push', document })),
  hook: (value) => oneOf(value, ['on', 'off'], (state) => ({ kind: 'hook', state })),
  tone: (value) => {
    const { hz, ms } = mapOf(value) ?? {};
    return isNumber(hz) && isNumber(ms) ? ok({ kind: 'tone', hz, ms }) : fail('{hz: HERTZ, ms: MILLISECONDS}');
  },
  expectRegistered: readRegistered,
  expectEvent: (value) => pattern(value, (event) => ({ kind: 'expectEvent', event })),
  expectNoEvent: (value) => pattern(value, (event) => ({ kind: 'expectNoEvent', event })),
  expectOrder: readOrder,
  expectCall: (value) => {
    const call = typeof value === 'string' ? { state: value } : mapOf(value);
    return call !== null && Object.values(call).every(isPlain) && CALL_STATES.includes(String(call['state']))
      ? ok({ kind: 'expectCall', call: call as EventPattern })
      : fail(`${CALL_STATES.join('|')}, or {state: STATE, FIELD: VALUE ...}`);
  },
  expectScreen: (value) => text(value, (shown) => ({ kind: 'expectScreen', text: shown })),
  expectNoScreen: (value) => text(value, (shown) => ({ kind: 'expectNoScreen', text: shown })),
  expectLamp: (value) =>
    words(value, '{LAMP: off|on|slow-flash|fast-flash} is expected', (lamps) => ({ kind: 'expectLamp', lamps })),
  expectSound: (value) =>
    words(value, '{ringer: on|off, amplifier: on|off} is expected', (lines) => ({ kind: 'expectSound', lines })),
  expectTone: (value) => {
    const { hz, above = -40 } = mapOf(value) ?? {};
    return isNumber(hz) && isNumber(above)
      ? ok({ kind: 'expectTone', hz, aboveDbfs: above })
      : fail('{hz: HERTZ, above: DBFS}');
  },
  expectNoTone: (value) => {
    const { hz, below = -40 } = mapOf(value) ?? {};
    return isNumber(hz) && isNumber(below)
      ? ok({ kind: 'expectNoTone', hz, belowDbfs: below })
      : fail('{hz: HERTZ, below: DBFS}');
  },
};

const CALL_STATES = ['dialing', 'ringing', 'early', 'connected', 'held', 'ended', 'none'];

function readPress(value: unknown): Read {
  const { key, ms = null } = mapOf(value) ?? { key: value };
  if (ms !== null && !isNumber(ms)) return fail('{key: KEY, ms: MILLISECONDS}');
  return text(key, (name) => ({ kind: 'press', key: name, ms }));
}

function readOrder(value: unknown): Read {
  if (!Array.isArray(value) || value.length < 2) return fail('a list of {event: NAME, FIELD: VALUE ...} is expected');
  const events: EventPattern[] = [];
  for (const item of value) {
    const read = pattern(item, (event) => ({ kind: 'expectEvent', event }));
    if (!read.ok) return read;
    events.push(item as EventPattern);
  }
  return ok({ kind: 'expectOrder', events });
}

function words(value: unknown, error: string, make: (words: Readonly<Record<string, string>>) => What): Read {
  const fields = mapOf(value);
  return fields === null || !Object.values(fields).every(isPlain) ? fail(error) : ok(make(asText(fields)));
}

function readFault(value: unknown): Read {
  const [[target, what] = [], ...more] = Object.entries(mapOf(value) ?? {});
  if (target === undefined || more.length > 0 || !isPlain(what)) return fail('{TARGET: KIND} or {TARGET: KIND ARG}');
  const [fault = '', arg = null, ...rest] = String(what).trim().split(/\s+/);
  return fault === '' || rest.length > 0
    ? fail('{TARGET: KIND} or {TARGET: KIND ARG}')
    : ok({ kind: 'fault', target, fault, arg });
}

/** It stands in a command's arguments and in a URI. */
const NUMBER = /^[\w.+*#-]{1,40}$/;

function readCall(value: unknown): Read {
  const usage = '{NUMBER: primary|backup}, or {NUMBER: primary|backup, header: "NAME: VALUE"}';
  const { header = null, ...rest } = mapOf(value) ?? {};
  const [[user, through] = [], ...more] = Object.entries(rest);
  if (user === undefined || !NUMBER.test(user) || more.length > 0) return fail(usage);
  if (header !== null && (typeof header !== 'string' || readCallHeader(header) === null)) return fail(usage);
  return oneOf(through, ['primary', 'backup'], (server) => ({ kind: 'call', user, through: server, header }));
}

function readPresent(value: unknown): Read {
  const usage = `{NUMBER: ${PRESENCES.join('|')}}`;
  const [[resource, state] = [], ...more] = Object.entries(mapOf(value) ?? {});
  if (resource === undefined || !NUMBER.test(resource) || more.length > 0) return fail(usage);
  return oneOf(state, PRESENCES, (presence) => ({ kind: 'present', resource, presence }));
}

function readRegistered(value: unknown): Read {
  const { line = 1, on } = mapOf(value) ?? { on: value };
  if (!isServer(on) || !Number.isInteger(line) || Number(line) < 1 || Number(line) > 9)
    return fail('primary or backup, or {line: 1-9, on: primary|backup}');
  return ok({ kind: 'expectRegistered', line: Number(line), on });
}

function pattern(value: unknown, make: (event: EventPattern) => What): Read {
  const fields = mapOf(value);
  if (fields === null || typeof fields['event'] !== 'string' || !Object.values(fields).every(isPlain))
    return fail('{event: NAME, FIELD: VALUE ...} is expected');
  return ok(make(fields as EventPattern));
}

function text(value: unknown, make: (text: string) => What): Read {
  return isPlain(value) && String(value).trim() !== '' ? ok(make(String(value).trim())) : fail('a text is expected');
}

/** YAML 1.2 reads `on` and `off` as words; a writer who thinks of 1.1 may have quoted them, which is the same. */
function oneOf<T extends string>(value: unknown, known: readonly T[], make: (value: T) => What): Read {
  const found = known.find((word) => word === value);
  return found === undefined ? fail(known.join(' or ')) : ok(make(found));
}

const isServer = (value: unknown): value is ServerName => value === 'primary' || value === 'backup';
const isSeconds = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= SECONDS_MAX;
const isSecondsOrNull = (value: unknown): value is number | null => value === null || isSeconds(value);
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
const mapOf = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
const asText = (fields: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, String(value)]));
const short = (word: string): string => word.slice(0, 40);
