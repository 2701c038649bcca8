/** Owns the TCP sockets as one machine shows them: octets both ways, refusals, ends, a far side that takes nothing, the link. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { STREAM_OCTETS_A_SECOND } from '../../../../firmware/config/defaults.ts';
import type { Target } from '../../../../firmware/kernel/target.ts';
import type { StreamSockets, StreamsOptions } from '../../../../firmware/shell/streams.ts';
import { createStreamSockets } from '../../../../firmware/shell/streams.ts';
import type { Input } from '../../../../firmware/vocabulary.ts';
import type { Inbox } from '../../../support/inbox.ts';
import { inbox } from '../../../support/inbox.ts';

const HERE = '127.0.0.1';
type Kind = 'opened' | 'accepted' | 'octets' | 'flow-failed';
const next = <K extends Kind>(box: Inbox<Input>, kind: K): Promise<Extract<Input, { kind: K }>> =>
  box.first((input): input is Extract<Input, { kind: K }> => input.kind === kind);

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

interface Phone {
  readonly streams: StreamSockets;
  readonly box: Inbox<Input>;
  readonly port: number;
}

async function phone(over: Partial<StreamsOptions> = {}): Promise<Phone> {
  const box = inbox<Input>();
  const port = over.port ?? (await freePort());
  const tls = { authorities: null, certificate: null, key: null };
  const streams = await createStreamSockets({
    ...{
      binds: [HERE],
      port,
      tcp: true,
      tlsPort: 0,
      tls,
      clockIsSet: () => true,
      isPeer: () => false,
      input: box.take,
    },
    ...over,
  });
  cleanUps.push(streams.closeAll);
  return { streams, box, port };
}

/** A server, and the connections that it takes. */
async function peer(): Promise<{ readonly server: Server; readonly port: number; readonly taken: Inbox<Socket> }> {
  const taken = inbox<Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    taken.take(socket);
  });
  server.listen(0, HERE);
  await once(server, 'listening');
  cleanUps.push(() => {
    for (const socket of taken.seen) socket.destroy();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, taken };
}

async function freePort(): Promise<number> {
  const { server, port } = await peer();
  server.close();
  await once(server, 'close');
  return port;
}

const target = (port: number, address = HERE): Target => ({ transport: 'tcp', address, port, tlsName: null });
const any = (): boolean => true;

describe('a TCP connection of the phone', () => {
  it('is told with the port that the phone listens on, and carries every octet both ways', async () => {
    const { streams, box, port: own } = await phone();
    const { port, taken } = await peer();
    streams.open('tcp:f', target(port));
    assert.deepEqual((await next(box, 'opened')).local, { address: HERE, port: own });
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    streams.send('tcp:f', all);
    const socket = await taken.first(any);
    const [octets] = (await once(socket, 'data')) as [Buffer];
    assert.equal(octets.toString('latin1'), all);
    socket.write(octets);
    assert.deepEqual(await next(box, 'octets'), { kind: 'octets', flow: 'tcp:f', data: all });
  });

  it('to nobody is refused; without an address of that family it is unreachable at once', async () => {
    const { streams, box } = await phone();
    streams.open('tcp:f', target(await freePort()));
    assert.deepEqual(await next(box, 'flow-failed'), { kind: 'flow-failed', flow: 'tcp:f', cause: 'refused' });
    streams.open('tcp:6', target(5060, '::1'));
    assert.equal(box.seen.length, 1);
    const six = await box.first((input) => input.kind === 'flow-failed' && input.flow === 'tcp:6');
    assert.deepEqual(six, { kind: 'flow-failed', flow: 'tcp:6', cause: 'unreachable' });
  });

  for (const [how, end] of [
    ['ends', (socket: Socket) => socket.end()],
    ['is reset', (socket: Socket) => socket.resetAndDestroy()],
  ] as const)
    it(`that the server ${how} is told as reset, once`, async () => {
      const { streams, box } = await phone();
      const { port, taken } = await peer();
      streams.open('tcp:f', target(port));
      await next(box, 'opened');
      const socket = await taken.first(any);
      end(socket);
      assert.deepEqual(await next(box, 'flow-failed'), { kind: 'flow-failed', flow: 'tcp:f', cause: 'reset' });
      if (!socket.destroyed) await once(socket, 'close');
      assert.equal(box.seen.length, 2);
    });

  it('that is closed says what it had to say, and nothing of it is told any more', async () => {
    const { streams, box } = await phone();
    const { port, taken } = await peer();
    streams.open('tcp:f', target(port));
    await next(box, 'opened');
    const socket = await taken.first(any);
    streams.send('tcp:f', 'bye');
    streams.close('tcp:f');
    socket.write('too late');
    let said = '';
    socket.on('data', (octets) => {
      said += octets.toString('latin1');
    });
    await once(socket, 'close');
    assert.equal(said, 'bye');
    assert.deepEqual(
      box.seen.map(({ kind }) => kind),
      ['opened'],
    );
  });

  it('to a server that takes no octets is given up before they fill the memory', async () => {
    const { streams, box } = await phone();
    const { port, taken } = await peer();
    streams.open('tcp:f', target(port));
    await next(box, 'opened');
    (await taken.first(any)).pause();
    const failed = next(box, 'flow-failed');
    let sent = 0;
    for (; box.seen.length === 1 && sent < 64 * 2 ** 20; sent += 65_536) streams.send('tcp:f', 'x'.repeat(65_536));
    assert.equal((await failed).cause, 'timeout');
  });

  it('from which octets come without end is read no faster than so many a second, and none is lost', async () => {
    const { streams, box } = await phone();
    const { port, taken } = await peer();
    streams.open('tcp:f', target(port));
    const socket = await taken.first(any);
    const before = performance.now();
    const all = 1.5 * STREAM_OCTETS_A_SECOND;
    socket.write(Buffer.alloc(all));
    const came = (): number =>
      box.seen.reduce((sum, input) => sum + (input.kind === 'octets' ? input.data.length : 0), 0);
    await box.first(() => came() >= all);
    assert.equal(came(), all);
    // A slow host makes it longer, never shorter; a timer may be a millisecond early.
    assert.ok(performance.now() - before >= 998);
  });

  it('is one of many that bring much at once: in one go no more is read than so much, and none is lost', async () => {
    const { streams, box } = await phone();
    const { port, taken } = await peer();
    const [flows, each] = [8, 150_000];
    for (let n = 0; n < flows; n += 1) streams.open(`tcp:${n}`, target(port));
    await box.first(() => box.seen.filter(({ kind }) => kind === 'opened').length === flows);
    await taken.first(() => taken.seen.length === flows);
    // All of it has come before the first of it can be read.
    for (const socket of taken.seen) socket.write(Buffer.alloc(each));
    const goes: number[] = [];
    let before = 0;
    const came = (): number =>
      box.seen.reduce((sum, input) => sum + (input.kind === 'octets' ? input.data.length : 0), 0);
    while (came() < flows * each) {
      await new Promise((resolve) => setImmediate(resolve));
      goes.push(came() - before);
      before = came();
    }
    assert.equal(came(), flows * each);
    assert.ok(Math.max(...goes) <= 4096, `${Math.max(...goes)} octets in one go`);
  });

  it('whose far side leaves the answers unread is not read either until it takes them, and none is lost', async () => {
    const answers = 100;
    const { streams, box } = await phone({
      input(input) {
        box.take(input);
        if (input.kind === 'octets') streams.send(input.flow, input.data.repeat(answers));
      },
    });
    const { port, taken } = await peer();
    streams.open('tcp:f', target(port));
    const socket = (await taken.first(any)).pause();
    const all = STREAM_OCTETS_A_SECOND / 2;
    socket.write(Buffer.alloc(all));
    const came = (): number =>
      box.seen.reduce((sum, input) => sum + (input.kind === 'octets' ? input.data.length : 0), 0);
    let still = 0;
    for (let before = -1; still < 20; still = came() === before ? still + 1 : 0) {
      before = came();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(came() > 0 && came() < all, `${came()} of ${all} octets were read`);
    let back = 0;
    socket.on('data', (octets) => {
      back += octets.length;
    });
    socket.resume();
    while (back < answers * all) await once(socket, 'data');
    assert.equal(came(), all);
    assert.deepEqual([...new Set(box.seen.map(({ kind }) => kind))], ['opened', 'octets']);
  });

  it('goes when the link goes, and none is made until it is back', async () => {
    const { streams, box } = await phone();
    const { port, taken } = await peer();
    streams.open('tcp:f', target(port));
    await next(box, 'opened');
    const socket = await taken.first(any);
    streams.setLink('down');
    if (!socket.destroyed) await once(socket.resume(), 'close');
    streams.open('tcp:g', target(port));
    assert.deepEqual(await next(box, 'flow-failed'), { kind: 'flow-failed', flow: 'tcp:g', cause: 'no-network' });
    streams.setLink('up');
    streams.open('tcp:h', target(port));
    await box.first((input) => input.kind === 'opened' && input.flow === 'tcp:h');
  });
});

describe('a TCP connection to the phone', () => {
  async function knock(port: number): Promise<Socket> {
    const socket = connect({ host: HERE, port });
    cleanUps.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  it('is told with its source, carries octets both ways, and its end is told', async () => {
    const { streams, box, port } = await phone();
    assert.deepEqual(streams.listening, [`tcp:${HERE}:${port}`]);
    const socket = await knock(port);
    const { flow, from } = await next(box, 'accepted');
    assert.deepEqual(from, { address: HERE, port: socket.localPort });
    assert.equal(streams.owns(flow), true);
    socket.write('\r\n\r\n');
    assert.equal((await next(box, 'octets')).data, '\r\n\r\n');
    streams.send(flow, '\r\n');
    assert.equal(String((await once(socket, 'data'))[0]), '\r\n');
    socket.end();
    assert.deepEqual(await next(box, 'flow-failed'), { kind: 'flow-failed', flow, cause: 'reset' });
  });

  it('each has a name of its own', async () => {
    const { box, port } = await phone();
    await knock(port);
    await knock(port);
    await box.first(() => box.seen.length === 2);
    assert.equal(new Set(box.seen.map((input) => 'flow' in input && input.flow)).size, 2);
  });

  it('is not taken where TCP is off, and a port in use is one clear line', async () => {
    const { streams } = await phone({ tcp: false });
    assert.deepEqual([streams.listening, streams.problems], [[], []]);
    const { port } = await peer();
    const taken = await phone({ port });
    assert.deepEqual(taken.streams.listening, []);
    assert.match(taken.streams.problems.join('\n'), /^tcp:127\.0\.0\.1:\d+ cannot be listened on \(EADDRINUSE\)/);
  });

  it('while the link is down is not told', async () => {
    const { streams, box, port } = await phone();
    streams.setLink('down');
    const socket = await knock(port);
    await once(socket.resume(), 'close');
    assert.deepEqual(box.seen, []);
  });
});
