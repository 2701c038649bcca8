/** Owns the memory of what happened: the last inputs with their times, and a whole recording where one is asked for; secrets replaced. */
import { open, stat } from 'node:fs/promises';
import type { PhoneSettings } from '../config/settings.ts';
import type { Seed } from '../kernel/random.ts';
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Effect, Input } from '../vocabulary.ts';
import { codeOf } from './errno.ts';
import { maskMessage } from './mask.ts';

/** One line of a recording. */
export type Recorded =
  | {
      readonly what: 'phone';
      readonly version: string;
      readonly settings: PhoneSettings;
      /** Null: the seed was secret. */
      readonly seed: Seed | null;
    }
  | { readonly what: 'step'; readonly now: number; readonly input: Input; readonly effects: readonly Effect[] };

const RING_LENGTH = 500;
/** Octets of messages among the last inputs: our choice, so that a flood of long ones does not fill the memory (conformance L13). */
const RING_OCTETS_MAX = 2_097_152;

/** Where a whole recording goes. */
export interface Recording {
  write(line: string): void;
  close(): Promise<void>;
}

export interface Recorder {
  phone(version: string, settings: PhoneSettings, seed: Seed | null): void;
  step(now: number, input: Input, effects: readonly Effect[]): void;
  /** The last inputs, one JSON line each. */
  dump(): string;
  close(): Promise<void>;
}

/** Opens the file of `--record`; an error is one line. `lost` is told once when it can no longer be written. */
export async function openRecording(path: string, lost: (code: string) => void): Promise<Result<Recording, string>> {
  try {
    // Opened for writing, a pipe that nobody reads would be waited for.
    if ((await stat(path).catch(() => null))?.isFIFO() === true) return fail(`--record ${path}: is a pipe, no file`);
    const stream = (await open(path, 'w', 0o600)).createWriteStream();
    let failed = false;
    const closed = new Promise<void>((resolve) => stream.on('close', resolve));
    stream.on('error', (error) => {
      failed = true;
      lost(codeOf(error));
    });
    return ok({
      write: (line) => {
        if (!failed) stream.write(`${line}\n`);
      },
      close() {
        if (!failed) stream.end();
        return closed;
      },
    });
  } catch (error) {
    return fail(`--record ${path}: cannot be written (${codeOf(error)})`);
  }
}

const octetsOf = (input: Input | undefined): number =>
  input?.kind === 'octets' || input?.kind === 'datagram' ? input.data.length : 0;

export function createRecorder(recording: Recording | null): Recorder {
  const ring: Extract<Recorded, { what: 'step' }>[] = [];
  let octets = 0;
  const text = writer();
  let head = '';
  return {
    phone(version, settings, seed) {
      head = text({ what: 'phone', version, settings, seed });
      recording?.write(head);
    },
    step(now, input, effects) {
      const recorded = { what: 'step', now, input, effects } as const;
      ring.push(recorded);
      octets += octetsOf(input);
      while (ring.length > RING_LENGTH || octets > RING_OCTETS_MAX) octets -= octetsOf(ring.shift()?.input);
      recording?.write(text(recorded));
    },
    dump: () => `${[head, ...ring.map(text)].join('\n')}\n`,
    close: async () => recording?.close(),
  };
}

/** Equal passwords become equal stand-ins, different ones different ones; of a message what a trace may show. */
function writer(): (recorded: Recorded) => string {
  const standIns = new Map<string, string>();
  const standIn = (secret: string): string => {
    const known = standIns.get(secret) ?? `***${standIns.size + 1}`;
    standIns.set(secret, known);
    return known;
  };
  return (recorded) =>
    JSON.stringify(recorded, (key, value: unknown) => {
      if (typeof value !== 'string') return value;
      if (key === 'masterKey') return '***';
      if (key === 'password') return value === '' ? '' : standIn(value);
      // What was keyed into a form stands in its address.
      if (key === 'url') return value.replace(/\?.*/s, '?***');
      return key === 'data' ? maskMessage(value) : value;
    });
}
