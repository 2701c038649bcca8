/** TFTP against servers that keep to it and servers that do not: whole files or a reason, in bounded octets and time (RFC 1350). */
import assert from 'node:assert/strict';
import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import type { Fetched } from '../../../../../firmware/shell/provisioning/fetched.ts';
import { FILE_MAX_OCTETS } from '../../../../../firmware/shell/provisioning/fetched.ts';
import { fetchTftp } from '../../../../../firmware/shell/provisioning/tftp.ts';

const HERE = '127.0.0.1';
const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.bind(0, HERE);
  await once(socket, 'listening');
  return socket;
}

const block = (number: number, data: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from([0, 3, number >> 8, number & 255]), Buffer.from(data)]);
const oack = (...words: readonly string[]): Buffer =>
  Buffer.concat([Buffer.from([0, 6]), Buffer.from(words.map((word) => `${word}\0`).join(''))]);
const failure = (code: number, text: string): Buffer => Buffer.from(`\0\x05\0${String.fromCharCode(code)}${text}\0`);

type Answer = (number: number, ask: Buffer, transfer: Socket, from: RemoteInfo) => void;

/** A server that answers each request from a port of its own; `number`: 0 = the request, then the block acknowledged, counted. */
async function server(answer: Answer): Promise<number> {
  const socket = await bound();
  socket.on('message', (ask, from) => {
    void bound().then((transfer) => {
      transfer.on('message', (ack, peer) => answer(ack.readUInt16BE(2) + 1, ack, transfer, peer));
      answer(0, ask, transfer, from);
    });
  });
  return socket.address().port;
}

const fetch = (port: number, path = '', timeout = 20_000): Promise<Fetched> =>
  fetchTftp({
    source: { protocol: 'tftp', host: HERE, port, path, user: '', password: '', namedBy: 'test' },
    ...{ address: HERE, name: 'aastra.cfg', signal: AbortSignal.timeout(timeout) },
  });
const textOf = (came: Fetched): string => (came.kind === 'found' ? came.octets.toString() : JSON.stringify(came));

describe('a server that keeps to it', () => {
  it('gives a file in blocks of 512, without options', async () => {
    const text = 'sip proxy ip: a\n'.repeat(100);
    const port = await server((number, _ask, transfer, { port: to }) => {
      const at = Math.max(0, number - 1);
      transfer.send(block(at + 1, text.slice(at * 512, at * 512 + 512)), to, HERE);
    });
    assert.equal(textOf(await fetch(port)), text);
  });

  it('gives one in larger blocks, asked for by name and folder in octets', async () => {
    const text = 'x'.repeat(3000);
    let asked = '';
    const port = await server((number, ask, transfer, { port: to }) => {
      if (number === 0) asked = ask.subarray(2).toString();
      if (number === 0) transfer.send(oack('blksize', '1400', 'tsize', '3000'), to, HERE);
      else transfer.send(block(number, text.slice((number - 1) * 1400, number * 1400)), to, HERE);
    });
    assert.equal(textOf(await fetch(port, 'folder')), text);
    assert.equal(asked, 'folder/aastra.cfg\0octet\0blksize\x001428\0tsize\x000\0');
  });

  it('gives a file whose length is a multiple of the block, and an empty one', async () => {
    for (const text of ['y'.repeat(1024), '']) {
      const port = await server((number, _ask, transfer, { port: to }) => {
        const at = Math.max(0, number - 1);
        if (at * 512 <= text.length) transfer.send(block(at + 1, text.slice(at * 512, at * 512 + 512)), to, HERE);
      });
      assert.equal(textOf(await fetch(port)), text);
    }
  });

  it('says that there is none', async () => {
    const port = await server((_number, _ask, transfer, { port: to }) =>
      transfer.send(failure(1, 'File not found'), to, HERE),
    );
    assert.deepEqual(await fetch(port), { kind: 'missing' });
  });

  it('loses a block: it is asked for again', async () => {
    let lost = false;
    const port = await server((number, _ask, transfer, { port: to }) => {
      if (number === 2 && !lost) lost = true;
      else transfer.send(block(Math.max(1, number), number < 2 ? 'z'.repeat(512) : 'end'), to, HERE);
    });
    assert.equal(textOf(await fetch(port)), `${'z'.repeat(512)}end`);
    assert.ok(lost);
  });
});

describe('a hostile server', () => {
  it('without end is left at the bound', async () => {
    const port = await server((number, _ask, transfer, { port: to }) => {
      transfer.send(block(Math.max(1, number), Buffer.alloc(512, 97)), to, HERE);
    });
    assert.match(textOf(await fetch(port)), new RegExp(`more than ${FILE_MAX_OCTETS}`));
  });

  it('that promises too much is left before it sends', async () => {
    const port = await server((_number, _ask, transfer, { port: to }) =>
      transfer.send(oack('tsize', '99999999'), to, HERE),
    );
    assert.match(textOf(await fetch(port)), /more than/);
  });

  it('with a block size nobody asked for, or blocks longer than agreed, is refused', async () => {
    for (const size of ['65464', '0', '-1', 'NaN', '1e3x']) {
      const port = await server((_number, _ask, transfer, { port: to }) =>
        transfer.send(oack('blksize', size), to, HERE),
      );
      assert.match(textOf(await fetch(port)), /block size/, size);
    }
    const port = await server((_number, _ask, transfer, { port: to }) =>
      transfer.send(block(1, 'a'.repeat(900)), to, HERE),
    );
    assert.match(textOf(await fetch(port)), /longer than agreed/);
  });

  it('that is silent, or sends old blocks for ever, ends with its time', async () => {
    assert.match(textOf(await fetch(await server(() => undefined), '', 300)), /no whole answer/);
    const port = await server((_number, _ask, transfer, { port: to }) => {
      transfer.send(block(7, 'a'.repeat(512)), to, HERE);
      transfer.send(Buffer.from([1]), to, HERE);
    });
    assert.match(textOf(await fetch(port, '', 300)), /no whole answer/);
  });

  it('whose words are no text shows none of them', async () => {
    const port = await server((_number, _ask, transfer, { port: to }) =>
      transfer.send(failure(2, 'no\r\n\x1b[31m!'), to, HERE),
    );
    assert.deepEqual(await fetch(port), { kind: 'failed', error: 'TFTP error 2: no???[31m!' });
  });

  it('from another port cannot put a block in between: it is told so', async () => {
    const stranger = await bound();
    const told = once(stranger, 'message');
    const port = await server((number, _ask, transfer, { port: to }) => {
      if (number === 0)
        transfer.send(block(1, 'a'.repeat(512)), to, HERE, () => stranger.send(block(2, 'evil'), to, HERE));
      else if (number === 2) void told.then(() => transfer.send(block(2, 'good'), to, HERE));
    });
    assert.equal(textOf(await fetch(port)), `${'a'.repeat(512)}good`);
    assert.equal(((await told)[0] as Buffer).readUInt16BE(2), 5);
  });
});
