/** Owns `--control stdio`: one command a line in, `[#ID] VERB ARGS`; a `result` event for each (interfaces 2). */
import type { Readable } from 'node:stream';
import type { KeyName } from '../../hal/devices.ts';
import { KEY_NAMES } from '../../hal/devices.ts';
import type { PhoneEvent } from '../events.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Command } from '../vocabulary.ts';
import { CALL_VERBS, callCommand } from './control-calls.ts';

export interface ControlOptions {
  readonly input: Readable;
  readonly tell: (event: PhoneEvent) => void;
  readonly status: () => unknown;
  readonly setLink: (state: 'up' | 'down') => void;
  /** Sets `PARAMETER` to `VALUE`; the error is a sentence. */
  readonly set: (name: string, value: string) => Promise<Result<null, string>>;
  /** Presses a key of the board; null = the board has none. */
  readonly key: ((name: KeyName, action: 'press' | 'down' | 'up', ms: number) => Promise<number>) | null;
  /** The microphone and the earpiece of a test rig, whatever sound card is under them. */
  readonly sound: {
    readonly tone: (hz: number, ms: number) => void;
    readonly level: (hz: number) => Promise<unknown>;
  };
  /** Hands a command to the phone, which tells its result itself. */
  readonly command: (id: string | null, command: Command) => void;
  readonly quit: () => void;
}

const LINE_MAX = 4096;
const KEY_MS = 80;
const KEY_MIN_MS = 60;
/** The next command waits for the key: a press must end. */
const KEY_MAX_MS = 60_000;
const HZ_MAX = 8000;
const TONE_MAX_MS = 60_000;

export function startControl(options: ControlOptions): void {
  let order = Promise.resolve();
  const line = (text: string): void => {
    // One after the other: a `set` that is still writing must not be overtaken.
    order = order.then(() => handle(text, options));
  };
  readLines(options.input, line, () => {
    order = order.then(options.quit);
  });
}

/** Of a line without end no more is kept than it takes to refuse it. */
function readLines(input: Readable, line: (text: string) => void, over: () => void): void {
  let rest = '';
  input.setEncoding('utf8');
  input.on('data', (chunk: string) => {
    const lines = chunk.split('\n');
    for (const [index, part] of lines.entries()) {
      rest = `${rest}${part}`.slice(0, LINE_MAX + 1);
      if (index === lines.length - 1) return;
      line(rest);
      rest = '';
    }
  });
  input.on('end', () => {
    if (rest !== '') line(rest);
    over();
  });
}

async function handle(line: string, options: ControlOptions): Promise<void> {
  const text = line.trim();
  if (text === '') return;
  if (line.length > LINE_MAX)
    return options.tell({ event: 'result', id: null, ok: false, error: `a line of more than ${LINE_MAX} characters` });
  const match = /^(?:#(\S+)\s+)?(\S+)\s*(.*)$/s.exec(text);
  const id = match?.[1] ?? null;
  const command = callCommand(match?.[2] ?? '', match?.[3] ?? '');
  if (command !== null) return options.command(id, command);
  const outcome = await carryOut(match?.[2] ?? '', match?.[3] ?? '', options).catch((error: unknown) =>
    fail(error instanceof Error ? error.message : 'failed'),
  );
  options.tell(
    outcome.ok
      ? { event: 'result', id, ok: true, ...(outcome.value === null ? {} : { value: outcome.value }) }
      : { event: 'result', id, ok: false, error: outcome.error },
  );
  if (match?.[2] === 'quit') options.quit();
}

async function carryOut(verb: string, args: string, options: ControlOptions): Promise<Result<unknown, string>> {
  switch (verb) {
    case 'status':
      return ok(options.status());
    case 'quit':
      return ok(null);
    case 'link':
      if (args !== 'up' && args !== 'down') return fail(`link "${args}": up or down`);
      options.setLink(args);
      return ok(null);
    case 'set':
      return set(args, options);
    case 'key':
      return pressKey(args, options);
    case 'tone':
      return say(args, options);
    case 'level':
      return isWhole(args, HZ_MAX) ? ok(await options.sound.level(Number(args))) : fail(`level HZ: up to ${HZ_MAX}`);
    default:
      return fail(CALL_VERBS[verb] ?? `unknown command "${verb.slice(0, 40)}"`);
  }
}

async function set(args: string, options: ControlOptions): Promise<Result<unknown, string>> {
  const colon = args.indexOf(':');
  if (colon === -1) return fail('set PARAMETER: VALUE');
  return options.set(args.slice(0, colon).trim().replace(/\s+/g, ' ').toLowerCase(), args.slice(colon + 1).trim());
}

function say(args: string, { sound }: ControlOptions): Result<unknown, string> {
  const [hz = '', ms = '', ...rest] = args.split(/\s+/);
  if (!isWhole(hz, HZ_MAX) || !isWhole(ms, TONE_MAX_MS) || rest.length > 0)
    return fail(`tone HZ MS: up to ${HZ_MAX} and ${TONE_MAX_MS}`);
  sound.tone(Number(hz), Number(ms));
  return ok(null);
}

const isWhole = (text: string, max: number): boolean => /^[1-9]\d{0,5}$/.test(text) && Number(text) <= max;

async function pressKey(args: string, options: ControlOptions): Promise<Result<unknown, string>> {
  const [name = '', action = String(KEY_MS)] = args.split(/\s+/);
  if (options.key === null) return fail('this board has no keys');
  if (!(KEY_NAMES as readonly string[]).includes(name)) return fail(`unknown key "${name.slice(0, 40)}"`);
  const key = name as KeyName;
  if (action === 'down' || action === 'up') return ok({ at: await options.key(key, action, 0) });
  const ms = Number(action);
  if (!Number.isInteger(ms) || ms < KEY_MIN_MS || ms > KEY_MAX_MS)
    return fail(`key ${name} ${action.slice(0, 40)}: down, up, or from ${KEY_MIN_MS} to ${KEY_MAX_MS} ms`);
  return ok({ at: await options.key(key, 'press', ms) });
}
