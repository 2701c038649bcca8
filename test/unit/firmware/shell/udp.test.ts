/** Owns the SIP sockets as one machine shows them: refusals, sources, ports, the link. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { networkInterfaces } from 'node:os';
import { afterEach, describe, it } from 'node:test';
import type { Target } from '../../../../firmware/kernel/target.ts';
import { failureOf, failureTowards } from '../../../../firmware/shell/errno.ts';
import type { Udp, UdpOptions } from '../../../../firmware/shell/udp.ts';
import { createUdp } from '../../../../firmware/shell/udp.ts';
import type { Input } from '../../../../firmware/vocabulary.ts';
import type { Inbox } from '../../../support/inbox.ts';
import { inbox } from '../../../support/inbox.ts';

type Kind = 'opened' | 'flow-failed' | 'datagram';
const next = <K extends Kind>(box: Inbox<Input>, kind: K): Promise<Extract<Input, { kind: K }>> =>
  box.first((input): input is Extract<Input, { kind: K }> => input.kind === kind);

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function phone(over: Partial<UdpOptions> = {}): Promise<{ readonly udp: Udp; readonly box: Inbox<Input> }> {
  const box = inbox<Input>();
  const udp = await createUdp({ binds: ['127.0.0.1'], port: 0, input: box.take, ...over });
  cleanUps.push(udp.closeAll);
  return { udp, box };
}

async function peer(address = '127.0.0.1', port = 0): Promise<{ readonly socket: Socket; readonly port: number }> {
  const socket = createSocket({ type: address.includes(':') ? 'udp6' : 'udp4', ipv6Only: address.includes(':') });
  socket.bind(port, address);
  await once(socket, 'listening');
  cleanUps.push(() => socket.close());
  return { socket, port: socket.address().port };
}

const target = (port: number, address = '127.0.0.1'): Target => ({ transport: 'udp', address, port, tlsName: null });

describe('UDP flows', () => {
  it('a server that is not there refuses at once', async () => {
    const { udp, box } = await phone();
    const gone = createSocket('udp4');
    gone.bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address();
    gone.close();
    await once(gone, 'close');
    udp.open('f', target(port));
    assert.deepEqual((await next(box, 'opened')).local, udp.local);
    udp.send('f', 'OPTIONS');
    assert.deepEqual(await next(box, 'flow-failed'), { kind: 'flow-failed', flow: 'f', cause: 'refused' });
  });

  it('answers come in on the flow of their server, octet by octet', async () => {
    const { udp, box } = await phone();
    const { socket, port } = await peer();
    socket.on('message', (octets, from) =>
      socket.send(Buffer.concat([octets, Buffer.from([0xff])]), from.port, from.address),
    );
    udp.open('f', target(port));
    await next(box, 'opened');
    udp.send('f', 'hi\u00e9');
    assert.deepEqual(await next(box, 'datagram'), {
      kind: 'datagram',
      flow: 'f',
      from: { address: '127.0.0.1', port },
      data: 'hi\u00e9\u00ff',
    });
  });

  it('a stranger comes in on the shared socket with its true source, also while flows are open, and is answered from it', async () => {
    const { udp, box } = await phone();
    const server = await peer();
    udp.open('f', target(server.port));
    await next(box, 'opened');
    const stranger = await peer();
    stranger.socket.send('boo', udp.local.port, '127.0.0.1');
    const { flow, from, data } = await next(box, 'datagram');
    assert.deepEqual([flow, from, data], [null, { address: '127.0.0.1', port: stranger.port }, 'boo']);
    udp.reply(null, from, 'who?');
    const [octets, back] = (await once(stranger.socket, 'message')) as [Buffer, { port: number }];
    assert.deepEqual([octets.toString(), back.port], ['who?', udp.local.port]);
  });

  it('an answer to a server leaves from the flow that it asked on', async () => {
    const { udp, box } = await phone();
    const server = await peer();
    udp.open('f', target(server.port));
    await next(box, 'opened');
    udp.reply('f', { address: '127.0.0.1', port: server.port }, 'yes');
    const [octets] = (await once(server.socket, 'message')) as [Buffer];
    assert.equal(octets.toString(), 'yes');
  });

  it('a flow that is opened again is a new one, and a closed one says nothing', async () => {
    const { udp, box } = await phone();
    const server = await peer();
    udp.open('f', target(server.port));
    udp.open('f', target(server.port));
    udp.open('g', target(server.port));
    udp.close('g');
    await next(box, 'opened');
    udp.send('f', 'one');
    await once(server.socket, 'message');
    assert.deepEqual(
      box.seen.map((input) => input.kind === 'opened' && input.flow),
      ['f'],
    );
  });

  it('a port in use is an error, not a shared port, whoever shares', async () => {
    const foreign = await peer();
    await assert.rejects(phone({ port: foreign.port }), { code: 'EADDRINUSE' });
    const other = await phone();
    await assert.rejects(phone({ port: other.udp.local.port }), { code: 'EADDRINUSE' });
  });

  it('a phone of both families reaches an IPv6 server from the same port', async () => {
    const { udp, box } = await phone({ binds: ['0.0.0.0', '::'] });
    const server = await peer('::1');
    udp.open('f', target(server.port, '::1'));
    assert.deepEqual((await next(box, 'opened')).local, { address: '::1', port: udp.local.port });
    udp.send('f', 'six');
    const [octets] = (await once(server.socket, 'message')) as [Buffer];
    assert.equal(octets.toString(), 'six');
  });

  it('an IPv6 server is known by its address, however it was written', async () => {
    const { udp, box } = await phone({ binds: ['::1'] });
    const server = await peer('::1');
    server.socket.on('message', (octets, from) => server.socket.send(octets, from.port, from.address));
    udp.open('f', target(server.port, '0:0:0:0:0:0:0:1'));
    await next(box, 'opened');
    udp.send('f', 'six');
    const { flow, from } = await next(box, 'datagram');
    assert.deepEqual([flow, from.address], ['f', '0:0:0:0:0:0:0:1']);
  });

  it('from one IPv4 address no IPv6 server can be reached: that is the target’s failure', async () => {
    const { udp, box } = await phone();
    udp.open('f', target(5060, '::1'));
    assert.equal((await next(box, 'flow-failed')).cause, 'unreachable');
  });

  it('while the link is down nothing opens, leaves or enters', async () => {
    const { udp, box } = await phone();
    const server = await peer();
    udp.open('f', target(server.port));
    await next(box, 'opened');
    udp.setLink('down');
    udp.send('f', 'lost');
    udp.open('g', target(server.port));
    assert.deepEqual(await next(box, 'flow-failed'), { kind: 'flow-failed', flow: 'g', cause: 'no-network' });
    udp.setLink('up');
    udp.open('h', target(server.port));
    await box.first((input) => input.kind === 'opened' && input.flow === 'h');
    udp.send('h', 'first');
    const [octets] = (await once(server.socket, 'message')) as [Buffer];
    assert.equal(octets.toString(), 'first');
  });

  it('no way to a target of one family is no dead network where the other family has its address', () => {
    const at = (family: 'IPv4' | 'IPv6', address: string, internal = false) => ({
      ...{ address, family, internal, netmask: '', mac: '', cidr: null },
      ...(family === 'IPv6' ? { scopeid: 0 } : {}),
    });
    const both = ['0.0.0.0', '::'];
    const gone = { code: 'ENETUNREACH' };
    const towards = (binds: readonly string[], ...held: ReturnType<typeof at>[]): string =>
      failureTowards('2001:db8::1', gone, binds, { eth0: held } as ReturnType<typeof networkInterfaces>);
    assert.equal(towards(both, at('IPv4', '192.0.2.100')), 'unreachable');
    assert.equal(towards(both), 'no-network');
    assert.equal(towards(both, at('IPv4', '127.0.0.1', true)), 'no-network');
    assert.equal(towards(both, at('IPv6', 'fd00::1')), 'no-network');
    assert.equal(towards(['::'], at('IPv4', '192.0.2.100')), 'no-network');
    assert.equal(failureTowards('192.0.2.1', { code: 'ECONNREFUSED' }, both), 'refused');
  });

  it('errors of our own machine are never the far side’s', () => {
    assert.deepEqual(
      ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EMFILE', 'EODD'].map((code) =>
        failureOf({ code }),
      ),
      ['refused', 'unreachable', 'no-network', 'no-network', 'no-network', 'no-network', 'unreachable'],
    );
  });
});
