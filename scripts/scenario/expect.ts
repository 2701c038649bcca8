/** Owns what a scenario expects: when an expectation holds, since when, and what is said where it does not. */
import type { PhoneEventSeen } from './phone.ts';
import type { Performed, Scene } from './scene.ts';
import type { EventPattern, Expectation, Step } from './steps.ts';

/** `at`: since when it holds, ms since the scenario began. `seen`: what is there instead, for a person; `never`: it cannot come any more. */
type Look = { readonly at: number } | { readonly seen: string; readonly never?: true };

export async function expectation(what: Expectation, step: Step, scene: Scene): Promise<Performed> {
  if (what.kind === 'expectNoEvent') return absence(what.event, step.withinS, scene);
  const end = scene.now() + step.withinS * 1000;
  for (;;) {
    const look = await lookFor(what, scene);
    if ('at' in look) return { measuredMs: Math.max(0, look.at - scene.last().at) };
    const ended = scene.phone().ended();
    if (ended !== null) return { error: `the phone has ended: ${ended}`, measuredMs: null };
    if (look.never === true) return { error: look.seen, measuredMs: null };
    if (scene.now() > end) return { error: `not within ${step.withinS} s; ${look.seen}`, measuredMs: null };
    await scene.change();
  }
}

async function absence(event: EventPattern, seconds: number, scene: Scene): Promise<Performed> {
  const end = scene.now() + seconds * 1000;
  for (;;) {
    const found = since(scene).find(({ fields }) => fits(fields, event));
    if (found !== undefined) return { error: `it happened: ${JSON.stringify(found.fields)}`, measuredMs: null };
    const ended = scene.phone().ended();
    if (ended !== null) return { error: `the phone has ended: ${ended}`, measuredMs: null };
    if (scene.now() > end) return { measuredMs: null };
    await scene.change();
  }
}

async function lookFor(what: Exclude<Expectation, { kind: 'expectNoEvent' }>, scene: Scene): Promise<Look> {
  switch (what.kind) {
    case 'expectRegistered':
      return registered(scene.events.slice(scene.born()), what.line, what.on);
    case 'expectEvent': {
      const found = since(scene).find(({ fields }) => fits(fields, what.event));
      return found === undefined ? { seen: lastOf(since(scene)) } : { at: found.at };
    }
    case 'expectOrder':
      return inOrder(since(scene), what.events);
    case 'expectCall':
      return callIs(scene.events.slice(scene.born()), what.call);
    case 'expectScreen':
    case 'expectNoScreen': {
      const { lcd } = await scene.phone().panel();
      const wanted = what.kind === 'expectScreen';
      return lcd.length > 0 && shows(lcd, what.text) === wanted
        ? { at: scene.now() }
        : { seen: `the screen shows: ${screenText(lcd)}` };
    }
    case 'expectLamp': {
      const { lamps } = await scene.phone().panel();
      return equal(scene, what.lamps, (lamp) => lamps[lamp] ?? 'no lamp');
    }
    case 'expectSound': {
      const panel = await scene.phone().panel();
      const words = new Map([
        [true, 'on'],
        [false, 'off'],
      ]);
      return equal(
        scene,
        what.lines,
        (line) => words.get(line === 'ringer' || line === 'amplifier' ? (panel[line] ?? false) : false) ?? '',
      );
    }
    case 'expectTone':
    case 'expectNoTone': {
      const dbfs = await scene.phone().level(what.hz);
      const holds = what.kind === 'expectTone' ? dbfs > what.aboveDbfs : dbfs < what.belowDbfs;
      return holds ? { at: scene.now() } : { seen: `${what.hz} Hz is at ${dbfs.toFixed(1)} dBFS` };
    }
  }
}

/** Text in a row, or a regular expression between slashes over all rows. */
function shows(lcd: readonly string[], text: string): boolean {
  const [, regExp] = /^\/(.*)\/$/s.exec(text) ?? [];
  return regExp === undefined ? lcd.some((row) => row.includes(text)) : new RegExp(regExp).test(lcd.join('\n'));
}

const screenText = (lcd: readonly string[]): string =>
  lcd
    .map((row) => row.trim())
    .filter(Boolean)
    .join(' | ');

function equal(scene: Scene, wanted: Readonly<Record<string, string>>, seen: (name: string) => string): Look {
  const other = Object.entries(wanted).find(([name, state]) => seen(name) !== state);
  return other === undefined ? { at: scene.now() } : { seen: `${other[0]} is ${seen(other[0])}` };
}

/** An event that fits a later pattern and none before it comes out of its turn. */
function inOrder(events: readonly PhoneEventSeen[], patterns: readonly EventPattern[]): Look {
  let next = 0;
  for (const { at, fields } of events) {
    const which = patterns.findIndex((pattern, index) => index >= next && fits(fields, pattern));
    if (which === -1) continue;
    if (which > next) return { seen: `out of its turn came: ${JSON.stringify(fields)}`, never: true };
    next += 1;
    if (next === patterns.length) return { at };
  }
  return { seen: `the first ${next} of ${patterns.length} came; ${lastOf(events)}` };
}

/** By the last word of the newest call. */
function callIs(events: readonly PhoneEventSeen[], wanted: EventPattern): Look {
  const { state, ...others } = wanted;
  const calls = new Map<string, PhoneEventSeen>();
  for (const event of events) if (event.fields.event === 'call') calls.set(String(event.fields['id']), event);
  if (state === 'none') {
    const open = [...calls.values()].filter(({ fields }) => fields['state'] !== 'ended');
    const since = Math.max(0, ...[...calls.values()].map(({ at }) => at));
    return open.length === 0
      ? { at: since }
      : { seen: `${open.length} ${open.length === 1 ? 'call is' : 'calls are'} left` };
  }
  const newest = [...calls.values()].filter(({ fields }) => fits(fields, others)).at(-1);
  if (newest === undefined) return { seen: 'there was no such call' };
  return newest.fields['state'] === state
    ? { at: newest.at }
    : { seen: `the call is ${String(newest.fields['state'])}` };
}

const since = (scene: Scene): readonly PhoneEventSeen[] => scene.events.slice(scene.last().since);

const fits = (fields: PhoneEventSeen['fields'], pattern: EventPattern): boolean =>
  Object.entries(pattern).every(([name, value]) => fields[name] === value);

/** By the last word of the line; a renewal that succeeds does not count as the beginning. */
function registered(events: readonly PhoneEventSeen[], line: number, on: string): Look {
  let at: number | null = null;
  let seen = `line ${line} has told nothing yet`;
  for (const { at: told, fields } of events) {
    if (fields.event !== 'registration' || fields['line'] !== line) continue;
    const here = fields['state'] === 'registered' && fields['server'] === on;
    at = here ? (at ?? told) : null;
    const where = fields['server'] === undefined ? '' : ` on the ${String(fields['server'])}`;
    const code = fields['code'] === undefined ? '' : ` (${String(fields['code'])})`;
    seen = `line ${line} is ${String(fields['state'])}${where}${code}`;
  }
  return at === null ? { seen } : { at };
}

const lastOf = (events: readonly PhoneEventSeen[]): string => {
  const last = events.at(-1);
  return last === undefined ? 'nothing happened' : `the last event: ${JSON.stringify(last.fields)}`;
};
