/** Owns the phone under test as a process in its namespace: its events, and what tcpdump sees of its packets. */
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
  /** Ms since the phone's start. */
  readonly t: number;
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
    createInterface({ input: running.child.stdout }).on('line', (line) => events.push(JSON.parse(line)));
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

/** One SIP packet on the phone's wire; `at` in ms since 1970. */
export interface Packet {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  /** `REGISTER`, `200`; `connect 5061` for the first packet of a TCP connection. */
  readonly what: string;
}

export interface Capture {
  readonly running: Running;
  readonly packets: readonly Packet[];
}

/** Reads what tcpdump prints of each packet as it passes. */
export function startCapture(): Capture {
  const packets: Packet[] = [];
  const running = runIn('phone', 'tcpdump', [
    '-l',
    '-n',
    '-tt',
    '--immediate-mode',
    '-i',
    'eth0',
    'port 5060 or port 5061 or tcp port 53',
  ]);
  if (running.child.stdout !== null)
    createInterface({ input: running.child.stdout }).on('line', (line) => {
      const [, at, from = '', to = '', port = '', rest = ''] =
        /^(\d+\.\d+) IP (\d+\.\d+\.\d+\.\d+)\.\d+ > (\d+\.\d+\.\d+\.\d+)\.(\d+): (.*)/.exec(line) ?? [];
      const [, sip] = /SIP: (?:SIP\/2\.0 )?(\S+)/.exec(rest) ?? [];
      const what = sip ?? (rest.startsWith('Flags [S]') ? `connect ${port}` : null);
      if (at !== undefined && what !== null) packets.push({ at: Number(at) * 1000, from, to, what });
    });
  return { running, packets };
}
