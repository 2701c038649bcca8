/** Owns the memory of what happened: the last inputs with their times, and a whole recording where one is asked for; secrets replaced. */
import type { WriteStream } from 'node:fs';
import { createWriteStream } from 'node:fs';
import type { PhoneSettings } from '../config/settings.ts';
import type { Seed } from '../kernel/random.ts';
import type { Effect, Input } from '../vocabulary.ts';

/** One line of a recording. */
export type Recorded =
  | {
      readonly what: 'phone';
      readonly version: string;
      readonly settings: PhoneSettings /** Null: the seed was secret. */;
      readonly seed: Seed | null;
    }
  | { readonly what: 'step'; readonly now: number; readonly input: Input; readonly effects: readonly Effect[] };

const RING_LENGTH = 500;

export interface Recorder {
  phone(version: string, settings: PhoneSettings, seed: Seed | null): void;
  step(now: number, input: Input, effects: readonly Effect[]): void;
  /** The last inputs, one JSON line each. */
  dump(): string;
  close(): Promise<void>;
}

export function createRecorder(path: string | null): Recorder {
  const ring: Recorded[] = [];
  let head = '';
  const file: WriteStream | null = path === null ? null : createWriteStream(path, { mode: 0o600 });
  file?.on('error', () => undefined);

  return {
    phone(version, settings, seed) {
      head = text({ what: 'phone', version, settings, seed });
      file?.write(`${head}\n`);
    },
    step(now, input, effects) {
      const recorded: Recorded = { what: 'step', now, input, effects };
      ring.push(recorded);
      if (ring.length > RING_LENGTH) ring.shift();
      file?.write(`${text(recorded)}\n`);
    },
    dump: () => `${[head, ...ring.map(text)].join('\n')}\n`,
    close: () => new Promise((resolve) => (file === null ? resolve() : file.end(() => resolve()))),
  };
}

/** Passwords become `***`; digest responses stay consistent with each other but say nothing of the password. */
const text = (recorded: Recorded): string =>
  JSON.stringify(recorded, (key, value: unknown) => {
    if (key === 'password' && typeof value === 'string') return value === '' ? '' : '***';
    if (key === 'data' && typeof value === 'string') return maskCredentials(value);
    return value;
  });

/** A SIP message with the digest response hidden. */
export const maskCredentials = (message: string): string =>
  message.replace(/^((?:Proxy-)?Authorization:.*?response=)"[^"\r\n]*"/gim, '$1"***"');
