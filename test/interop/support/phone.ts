/** Owns the phone under test as a process in its namespace: its configuration and its events. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ADDRESSES } from './network.ts';
import type { Running } from './process.ts';
import { runIn } from './process.ts';
import { DOMAIN, PASSWORD } from './servers.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface PhoneEventLine {
  readonly event: string;
  readonly state?: string;
  readonly server?: string;
  readonly method?: string;
  readonly cause?: string;
  readonly outcome?: string;
  readonly ok?: boolean;
  /** Ms since the phone's start. */
  readonly t: number;
  /** When it was read here, ms since 1970. */
  readonly at: number;
}

export interface TestPhone {
  readonly running: Running;
  readonly events: readonly PhoneEventLine[];
  /** A line on its control channel. */
  say(line: string): void;
  /** The server that holds the binding of line 1 by the last word of the phone, null = none. */
  serving(): string | null;
}

export function startPhone(folder: string, parameters: readonly string[]): TestPhone {
  const file = join(folder, 'phone.cfg');
  writeFileSync(
    file,
    [
      'sip user name: 2001',
      `sip password: ${PASSWORD}`,
      `sip registrar ip: ${DOMAIN}`,
      'sip registrar port: 0',
      `sip backup registrar ip: backup.${DOMAIN}`,
      'sip backup registrar port: 5060',
      ...parameters,
      '',
    ].join('\n'),
  );
  const running = runIn('phone', process.execPath, [
    join(ROOT, 'scripts', 'holdfast.mjs'),
    ...['run', '--config', file, '--board', 'headless', '--control', 'stdio', '--state', join(folder, 'state')],
    ...['--bind', ADDRESSES.phone, '--dns', ADDRESSES.dns],
  ]);
  const events: PhoneEventLine[] = [];
  if (running.child.stdout !== null)
    createInterface({ input: running.child.stdout }).on('line', (line) =>
      events.push({ ...JSON.parse(line), at: Date.now() }),
    );
  return {
    running,
    events,
    say: (line) => void running.child.stdin?.write(`${line}\n`),
    serving() {
      const last = events.findLast(({ event }) => event === 'registration');
      return last?.state === 'registered' ? (last.server ?? null) : null;
    },
  };
}
