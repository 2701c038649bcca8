/** Owns what a scenario expects: when an expectation holds, since when, and what is said where it does not. */
import type { PhoneEventSeen } from './phone.ts';
import type { Performed, Scene } from './run.ts';
import type { EventPattern, Expectation, Step } from './steps.ts';

/** `at`: since when it holds, ms since the scenario began. `seen`: what is there instead, for a person. */
type Look = { readonly at: number } | { readonly seen: string };

export async function expectation(what: Expectation, step: Step, scene: Scene): Promise<Performed> {
  if (what.kind === 'expectNoEvent') return absence(what.event, step.withinS, scene);
  const end = scene.now() + step.withinS * 1000;
  for (;;) {
    const look = await lookFor(what, scene);
    if ('at' in look) return { measuredMs: Math.max(0, look.at - scene.last().at) };
    const ended = scene.phone().ended();
    if (ended !== null) return { error: `the phone has ended: ${ended}`, measuredMs: null };
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
    case 'expectScreen': {
      const { lcd } = await panelOf(scene);
      const [, regExp] = /^\/(.*)\/$/s.exec(what.text) ?? [];
      const shows =
        regExp === undefined ? lcd.some((row) => row.includes(what.text)) : new RegExp(regExp).test(lcd.join('\n'));
      return shows
        ? { at: scene.now() }
        : {
            seen: `the screen shows: ${lcd
              .map((row) => row.trim())
              .filter(Boolean)
              .join(' | ')}`,
          };
    }
    case 'expectLamp': {
      const { lamps } = await panelOf(scene);
      const other = Object.entries(what.lamps).find(([lamp, state]) => lamps[lamp] !== state);
      return other === undefined ? { at: scene.now() } : { seen: `${other[0]} is ${lamps[other[0]] ?? 'no lamp'}` };
    }
  }
}

/** Before the phone has told where its panel is, it shows nothing. */
const panelOf = (
  scene: Scene,
): Promise<{ readonly lcd: readonly string[]; readonly lamps: Readonly<Record<string, string>> }> =>
  scene.events.slice(scene.born()).some(({ fields }) => fields.event === 'ready')
    ? scene.phone().panel()
    : Promise.resolve({ lcd: [], lamps: {} });

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
