/** Owns the phone under test as a process in its namespace: its configuration and its events. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ADDRESSES } from './network.ts';
import type { Running } from './process.ts';
import { runIn, until } from './process.ts';
import { DOMAIN, PASSWORD } from './servers.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface PhoneEventLine {
  readonly event: string;
  readonly id?: string | null;
  readonly state?: string;
  readonly direction?: string;
  readonly peer?: string;
  readonly code?: number;
  readonly call?: string;
  readonly lost?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly server?: string;
  readonly target?: string;
  readonly method?: string;
  readonly role?: string;
  readonly transfer?: string;
  readonly resource?: string;
  readonly callId?: string;
  /** Of a lamp. */
  readonly name?: string;
  readonly cause?: string;
  readonly outcome?: string;
  readonly ok?: boolean;
  /** Of a call. */
  readonly encrypted?: boolean;
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
  /** The same, and what it answers. */
  ask(line: string): Promise<unknown>;
  /** dBFS of a tone in the earpiece. */
  level(hz: number): Promise<number>;
  /** The server that holds the binding of line 1 by the last word of the phone, null = none. */
  serving(): string | null;
}

/** `virtual`: with the panel whose lamps and screen are told as events. */
export type TestBoard = 'headless' | 'virtual';

/** Where a phone stands and whose it is. */
export interface Seat {
  readonly node: 'phone' | 'second' | 'third';
  readonly user: string;
}

export const SEATS: Readonly<Record<Seat['node'], Seat>> = {
  phone: { node: 'phone', user: '2001' },
  second: { node: 'second', user: '2002' },
  third: { node: 'third', user: '2003' },
};

const ANSWER_MS = 60_000;

/** `bind`: the address of its sockets, that of its seat by default. */
export function startPhone(
  folder: string,
  parameters: readonly string[],
  seat: Seat = SEATS.phone,
  board: TestBoard = 'headless',
  bind = ADDRESSES[seat.node],
): TestPhone {
  const file = join(folder, `${seat.node}.cfg`);
  writeFileSync(
    file,
    [
      `sip user name: ${seat.user}`,
      `sip password: ${PASSWORD}`,
      `sip registrar ip: ${DOMAIN}`,
      'sip registrar port: 0',
      `sip backup registrar ip: backup.${DOMAIN}`,
      'sip backup registrar port: 5060',
      ...parameters,
      '',
    ].join('\n'),
  );
  const running = runIn(seat.node, process.execPath, [
    join(ROOT, 'scripts', 'holdfast.mjs'),
    ...['run', '--config', file, '--board', board, '--control', 'stdio', '--state', stateOf(folder, seat)],
    ...['--bind', bind, '--dns', ADDRESSES.dns],
  ]);
  const events: PhoneEventLine[] = [];
  if (running.child.stdout !== null)
    createInterface({ input: running.child.stdout }).on('line', (line) =>
      events.push({ ...JSON.parse(line), at: Date.now() }),
    );
  let asked = 0;
  const say = (line: string): void => void running.child.stdin?.write(`${line}\n`);
  const ask = async (line: string): Promise<unknown> => {
    asked += 1;
    const id = `${asked}`;
    say(`#${id} ${line}`);
    const answer = (): PhoneEventLine | undefined => events.find((one) => one.event === 'result' && one.id === id);
    await until(`an answer to "${line}"`, () => answer() !== undefined, ANSWER_MS);
    const { ok, value, error } = answer() ?? {};
    if (ok !== true) throw new Error(`${line}: ${error}`);
    return value;
  };
  return {
    running,
    events,
    say,
    ask,
    level: async (hz) => ((await ask(`level ${hz}`)) as { readonly dbfs: number }).dbfs,
    serving() {
      const last = events.findLast(({ event }) => event === 'registration');
      return last?.state === 'registered' ? (last.server ?? null) : null;
    },
  };
}

/** What that phone keeps over a restart. */
export const stateOf = (folder: string, { node }: Seat): string =>
  join(folder, node === 'phone' ? 'state' : `${node}-state`);
