/** Owns the running phone on real sockets of one machine: it registers, ends in order, and what breaks is told. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import { createClock } from '../../../../firmware/shell/clock.ts';
import type { Log } from '../../../../firmware/shell/log.ts';
import { openRecording } from '../../../../firmware/shell/recorder.ts';
import type { RunningPhone, RunOptions } from '../../../../firmware/shell/run.ts';
import { startPhone } from '../../../../firmware/shell/run.ts';
import { openState } from '../../../../firmware/shell/state-folder.ts';
import type { Frame } from '../../../../hal/devices.ts';
import { replay } from '../../../../scripts/replay.ts';
import { fromFiles } from '../../../support/files.ts';
import { folders } from '../../../support/folder.ts';
import type { Inbox } from '../../../support/inbox.ts';
import { inbox } from '../../../support/inbox.ts';

const folder = folders();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Says yes to every request, or nothing at all. */
async function registrar({
  silent = false,
} = {}): Promise<{ readonly port: number; readonly requests: Inbox<string> }> {
  const socket: Socket = createSocket('udp4');
  const requests = inbox<string>();
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanUps.push(() => socket.close());
  socket.on('message', (octets, from) => {
    const request = octets.toString('latin1');
    requests.take(request);
    const header = (name: string): string => new RegExp(`^${name}:.*$`, 'im').exec(request)?.[0] ?? '';
    const removed = /expires[:=]\s*0\b/i.test(request);
    const lines = ['SIP/2.0 200 OK', ...['Via', 'From', 'Call-ID', 'CSeq'].map(header), `${header('To')};tag=t`];
    const contact = removed ? [] : [`${header('Contact')};expires=3600`];
    if (!silent) socket.send([...lines, ...contact, 'Content-Length: 0', '', ''].join('\r\n'), from.port, from.address);
  });
  return { port: socket.address().port, requests };
}

const config = (port: number): string => `
  sip user name: 2001
  sip password: sesame
  sip registrar ip: 127.0.0.1
  sip registrar port: ${port}
  sip local port: 0
  failover probe period: 0
`;

interface Started {
  readonly phone: RunningPhone;
  readonly events: Inbox<PhoneEvent>;
  readonly logged: Inbox<string>;
  readonly state: string;
}

async function start(port: number, over: Partial<RunOptions> = {}): Promise<Started> {
  const path = await folder();
  const state = await openState(path);
  if (!state.ok) throw new Error(state.error);
  const logged = inbox<string>();
  const note = (fields: object, name?: string): void => logged.take(`${name ?? ''} ${JSON.stringify(fields)}`);
  const log = { debug: () => undefined, info: () => undefined, warn: note, error: note } as unknown as Log;
  const phone = await startPhone({
    effective: fromFiles(config(port)),
    bind: '127.0.0.1',
    nameServers: [],
    hosts: {},
    tls: { files: { authorities: null, certificate: null, key: null }, problems: [] },
    state: state.value,
    log,
    devices: {},
    version: 'test',
    seed: 7,
    recording: null,
    ...over,
  });
  cleanUps.push(() => phone.abort());
  const events = inbox<PhoneEvent>();
  phone.events.subscribe(({ event }) => events.take(event));
  phone.events.open({ http: null, https: null });
  return { phone, events, logged, state: path };
}

const isRegistered = (event: PhoneEvent): boolean => event.event === 'registration' && event.state === 'registered';

describe('the running phone', () => {
  it('registers, is told about, removes its binding and ends in order', async () => {
    const { port, requests } = await registrar();
    const { phone, events, state } = await start(port);
    await events.first(isRegistered);
    assert.equal(phone.host.status().lines[0]?.registrar?.state, 'registered');
    assert.equal(events.seen[0]?.event, 'ready');
    assert.deepEqual((await readdir(state)).sort().slice(-2), ['lock', 'running']);
    assert.equal(await phone.stop(), 0);
    assert.match(requests.seen.at(-1) ?? '', /^REGISTER /);
    assert.match(requests.seen.at(-1) ?? '', /expires[:=]\s*0\b/i);
    assert.deepEqual(events.seen.at(-1), { event: 'stopped', code: 0 });
    const left = await readdir(state);
    assert.deepEqual([left.includes('lock'), left.includes('running')], [false, false]);
    assert.equal(await phone.stop(), 0, 'asked again it says the same');
  });

  it('told twice does not wait for a server that says nothing', async () => {
    const { port, requests } = await registrar({ silent: true });
    const { phone, state } = await start(port);
    await requests.first(() => true);
    const ended = phone.stop();
    assert.equal(await phone.abort(), 0);
    assert.equal(await ended, 0);
    assert.equal((await readdir(state)).includes('lock'), false);
  });

  it('a broken invariant leaves what led to it, without secrets, and the code that asks for a restart', async () => {
    const { port } = await registrar();
    const { phone, events, logged, state } = await start(port);
    await events.first(isRegistered);
    phone.input({ kind: 'configure', settings: null as never });
    assert.equal(await phone.ended, 70);
    const dump = await readFile(join(state, 'crash.jsonl'), 'utf8');
    assert.match(dump.trim().split('\n').at(-1) ?? '', /"input":\{"kind":"configure"/);
    assert.doesNotMatch(dump, /sesame/);
    assert.match(logged.seen.join('\n'), /^invariant-broken /m);
    assert.deepEqual(events.seen.at(-1), { event: 'stopped', code: 70 });
    const left = await readdir(state);
    assert.deepEqual([left.includes('lock'), left.includes('running')], [false, true], 'the next start knows');
    const { steps, difference } = replay(dump);
    assert.match(difference ?? '', /^step \d+ \(configure at \d+ ms\) throws: /);
    assert.equal(steps, dump.trim().split('\n').length - 2, 'all before it ran the same');
  });

  it('a display that fails and a listener that fails do not end service', async () => {
    const { port } = await registrar();
    const broken = (): never => {
      throw new Error('no answer on the bus');
    };
    const { phone, events, logged } = await start(port, { devices: { display: { show: broken } as never } });
    phone.host.onChange(broken);
    await events.first(isRegistered);
    await logged.first((line) => line.startsWith('show-failed'));
    await logged.first((line) => line.startsWith('listener-failed'));
    assert.equal(phone.host.status().lines[0]?.registrar?.state, 'registered');
  });

  it('what cannot be kept is told once', async () => {
    const { port } = await registrar();
    const path = await folder();
    const state = await openState(path);
    if (!state.ok) throw new Error(state.error);
    const full = { ok: false, error: 'bindings.json cannot be written (ENOSPC)' } as const;
    const { phone, events } = await start(port, { state: { ...state.value, store: async () => full } });
    await events.first(isRegistered);
    const problem = await events.first((event) => event.event === 'problem');
    assert.match(problem.event === 'problem' ? problem.message : '', /ENOSPC/);
    phone.input({ kind: 'command', id: null, command: { verb: 'unregister', line: 1 } });
    await events.first((event) => event.event === 'unregistered');
    assert.equal(events.seen.filter(({ event }) => event === 'problem').length, 1);
  });

  it('a file of nine thousand lines that nobody knows is told in part: who comes late still finds `ready`', async () => {
    const { port } = await registrar();
    const unknown = Array.from({ length: 9000 }, (_, n) => `unknown thing ${n}: v\n`).join('');
    const { phone, events } = await start(port, { effective: fromFiles(`${config(port)}${unknown}`) });
    await events.first(isRegistered);
    assert.equal(phone.events.since(0)[0]?.event.event, 'ready');
    const told = events.seen.flatMap((event) => (event.event === 'problem' ? [event.message] : []));
    assert.equal(told.length, 201);
    assert.match(told.at(-1) ?? '', /^8800 more /);
  });

  it('a time of day that is set while it runs reaches the screen', async () => {
    const { port } = await registrar();
    let wall = 0;
    const frames = inbox<Frame>();
    const { phone, events } = await start(port, {
      clock: createClock({ monotonic: () => performance.now(), wall: () => wall }),
      devices: { display: { show: frames.take } as never },
    });
    await events.first(isRegistered);
    wall = Date.UTC(2026, 2, 3, 10, 42);
    phone.input({ kind: 'wake' });
    const shown = await frames.first(({ rows }) => rows.some((row) => row.includes('10:42')));
    assert.ok(shown.rows.length > 0);
  });

  it('a recording made with a seed runs again with the same effects', async () => {
    const { port } = await registrar();
    const path = join(await folder(), 'r.jsonl');
    const recording = await openRecording(path, () => undefined);
    if (!recording.ok) throw new Error(recording.error);
    const { phone, events } = await start(port, { recording: recording.value });
    await events.first(isRegistered);
    await phone.stop();
    const text = await readFile(path, 'utf8');
    const { steps, difference } = replay(text);
    assert.equal(difference, null);
    assert.equal(steps, text.trim().split('\n').length - 1);
    assert.doesNotMatch(text, /sesame/);
  });

  it('a port in use is the system’s error', async () => {
    const { port } = await registrar();
    await assert.rejects(
      start(port, { effective: fromFiles(config(port).replace('local port: 0', `local port: ${port}`)) }),
      {
        code: 'EADDRINUSE',
      },
    );
  });
});
