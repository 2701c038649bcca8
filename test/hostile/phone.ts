/** Owns a real phone as a process over loopback, registered at a registrar of a few lines, with a gauge inside. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runtimeFlags } from '../../scripts/image/runtime-flags.ts';

const HERE = '127.0.0.1';
/** Hang guard, ms. */
const PATIENCE_MS = 60_000;
/** Of what it says, letters kept. */
const SAID_MAX = 4_000_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Gauged {
  /** The longest that it was busy in one go, in time on a processor: what is promised. */
  readonly busyMs: number;
  /** The same by the clock on the wall, where the machine's other work counts too. */
  readonly heldUpMs: number;
  readonly rss: number;
}

/** What is promised under any attack (rules L13): nothing takes longer than that, and no attack costs more memory. */
const BUSY_MAX_MS = 100;
const GROWTH_MAX = 64 * 2 ** 20;

/** Holds what the gauge says after an attack against what is promised; `calm`: the memory before it. The measured, as text. */
export function held({ busyMs, heldUpMs, rss }: Gauged, calm: number): string {
  const growth = (rss - calm) / 2 ** 20;
  const told = `busy for ${busyMs.toFixed(0)} ms at most (${heldUpMs.toFixed(0)} on the wall), ${growth.toFixed(1)} MiB more`;
  assert.ok(busyMs < BUSY_MAX_MS, told);
  assert.ok(rss - calm < GROWTH_MAX, told);
  return told;
}

interface Told {
  readonly event: string;
  readonly sip?: readonly string[];
  readonly http?: string;
  readonly state?: string;
  readonly server?: string;
  readonly value?: { readonly lines: readonly { readonly registrar: { readonly state: string } }[] };
}

export interface AttackedPhone {
  readonly pid: number;
  readonly port: number;
  /** 0 = it listens to no TLS. */
  readonly tlsPort: number;
  /** Of its pages. */
  readonly httpPort: number;
  /** What it has said so far: its events and its log. */
  said(): string;
  /** Where its registrar speaks from: what is sent here passes for an answer of the server. */
  readonly registrar: Socket;
  /** Since it started, of line 1: `registered primary`, the newest last. */
  registrations(): readonly string[];
  /** The registration of line 1, asked over the control channel. */
  state(): Promise<string>;
  /** One line of the control channel. */
  command(line: string): void;
  /** Since it was asked last. */
  gauge(): Promise<Gauged>;
  close(): Promise<void>;
}

/** `files` lie beside the configuration, which `lines` end. */
export async function startAttacked({
  lines = [],
  files = {},
  state,
  server,
  flags = runtimeFlags(),
}: {
  readonly lines?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Where it keeps its state, a folder beside the configuration by default. */
  readonly state?: string;
  /** Port of its registrar here, that of `registrar` by default. */
  readonly server?: number;
  /** Of Node, those of the service by default. */
  readonly flags?: readonly string[];
} = {}): Promise<AttackedPhone> {
  const registrar = createSocket('udp4').on('message', answer);
  registrar.bind(0, HERE);
  await once(registrar, 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-hostile-'));
  const file = join(folder, 'phone.cfg');
  const port = server ?? registrar.address().port;
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(
    file,
    `sip user name: 2001\nsip registrar ip: ${HERE}\nsip registrar port: ${port}\nsip registration period: 30\nsip local port: 0\n${lines.map((line) => `${line}\n`).join('')}`,
  );
  const child = launch(flags, [
    'run',
    '--config',
    file,
    '--board',
    'headless',
    '--bind',
    HERE,
    '--state',
    state ?? join(folder, 'state'),
    '--http',
    `${HERE}:0`,
  ]);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (octets: Buffer) => {
      said = `${said}${octets.toString()}`.slice(-SAID_MAX);
    });
  const registrations: string[] = [];
  const told = listenTo(child, ({ event, state: now, server: on }) => {
    if (event === 'registration') registrations.push(on === undefined ? `${now}` : `${now} ${on}`);
  });
  const ready = await told('ready');
  await told('registration');
  return {
    pid: child.pid ?? 0,
    port: Number(ready.sip?.[0]?.split(':').at(-1)),
    tlsPort: Number(
      ready.sip
        ?.find((at) => at.startsWith('tls:'))
        ?.split(':')
        .at(-1) ?? 0,
    ),
    httpPort: Number(ready.http?.split(':').at(-1) ?? 0),
    said: () => said,
    registrations: () => registrations,
    registrar,
    async state() {
      const result = told('result');
      child.stdin?.write('status\n');
      return (await result).value?.lines[0]?.registrar.state ?? 'unknown';
    },
    command: (line) => void child.stdin?.write(`${line}\n`),
    async gauge() {
      const measured = once(child, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
      child.send('gauge');
      return (await measured)[0] as Gauged;
    },
    async close() {
      // One that has ended by itself says so no more.
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
      registrar.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Says 200 to everything, with the Contact that was sent. */
function answer(this: Socket, octets: Buffer, { port, address }: RemoteInfo): void {
  const text = octets.toString('latin1');
  if (!/^[A-Z]+ sip:/.test(text)) return;
  const kept = text.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq|Contact):/.test(line));
  this.send(`SIP/2.0 200 OK\r\n${kept.join('\r\n')}\r\nExpires: 30\r\nContent-Length: 0\r\n\r\n`, port, address);
}

const launch = (flags: readonly string[], args: readonly string[]): ChildProcess =>
  spawn(
    process.execPath,
    [
      ...flags,
      '--import',
      join(root, 'test/hostile/gauge.mjs'),
      join(root, 'scripts/holdfast.mjs'),
      ...args,
      '--control',
      'stdio',
    ],
    { stdio: ['pipe', 'pipe', 'pipe', 'ipc'] },
  );

/** Waits for the next event of a name; `each` is given all of them. */
function listenTo(child: ChildProcess, each: (told: Told) => void): (event: string) => Promise<Told> {
  const waiting = new Set<(told: Told) => void>();
  const lines = child.stdout === null ? null : createInterface({ input: child.stdout });
  lines?.on('line', (line) => {
    const told = JSON.parse(line) as Told;
    each(told);
    for (const listener of waiting) listener(told);
  });
  return (event) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${event} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
      const listener = (told: Told): void => {
        if (told.event !== event) return;
        clearTimeout(timer);
        waiting.delete(listener);
        resolve(told);
      };
      waiting.add(listener);
    });
}
