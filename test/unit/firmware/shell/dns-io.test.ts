/** Owns the proof that DNS queries leave from fresh ports, over UDP and TCP, and that each ends in an answer or an error. Loopback alone. */
import assert from 'node:assert/strict';
import type { Socket as UdpSocket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { decode, encode, streamDecode, streamEncode } from 'dns-packet';
import type { Endpoint } from '../../../../firmware/kernel/target.ts';
import type { DnsIo } from '../../../../firmware/shell/dns-io.ts';
import { createDnsIo } from '../../../../firmware/shell/dns-io.ts';
import type { DnsInput, DnsQuery } from '../../../support/name-world.ts';

const LOOPBACK = '127.0.0.1';

const queryTo = (server: Endpoint, rest: Partial<DnsQuery> = {}): DnsQuery => ({
  ...{ kind: 'dns-query', id: 1, server, transport: 'udp', transactionId: 77 },
  ...{ question: { name: 'pbx.example.test', type: 'A' }, edns: true },
  ...rest,
});

const answerTo = (query: Buffer): Parameters<typeof encode>[0] => ({
  type: 'response',
  id: decode(query).id,
  questions: decode(query).questions,
  answers: [{ type: 'A', name: 'pbx.example.test', ttl: 60, data: '192.0.2.10' }],
});

/** An I/O whose inputs can be waited for one by one. */
function collecting(): { readonly io: DnsIo; readonly next: () => Promise<DnsInput> } {
  const inputs: DnsInput[] = [];
  let wake: () => void = () => undefined;
  const io = createDnsIo((input) => {
    inputs.push(input);
    wake();
  });
  const next = async (): Promise<DnsInput> => {
    const input = inputs.shift();
    if (input !== undefined) return input;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    return next();
  };
  return { io, next };
}

async function udpServer(
  serve: (socket: UdpSocket, query: Buffer, from: Endpoint) => void,
): Promise<{ readonly endpoint: Endpoint; readonly close: () => void }> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => serve(socket, query, { address, port }));
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  return { endpoint: { address: LOOPBACK, port: socket.address().port }, close: () => socket.close() };
}

async function tcpServer(
  serve: (socket: Socket, query: Buffer) => void,
): Promise<{ readonly endpoint: Endpoint; readonly close: () => void }> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (query) => serve(socket, query));
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  return { endpoint: { address: LOOPBACK, port }, close: () => server.close() };
}

const addressIn = (input: DnsInput): unknown =>
  input.kind === 'dns-answer' && input.message !== 'malformed'
    ? input.message.answers.map((record) => record.type === 'A' && record.address)
    : input;

/** A port on which nobody listens. */
async function closedPort(): Promise<Endpoint> {
  const { endpoint, close } = await udpServer(() => undefined);
  close();
  return endpoint;
}

describe('over UDP', () => {
  it('the answer comes with its source', async () => {
    const server = await udpServer((socket, query, { address, port }) =>
      socket.send(encode(answerTo(query)), port, address),
    );
    const { io, next } = collecting();
    io.query(queryTo(server.endpoint));
    const input = await next();
    assert.deepEqual(
      [input.kind, input.id, input.kind === 'dns-answer' && input.from, input.kind === 'dns-answer' && input.transport],
      ['dns-answer', 1, server.endpoint, 'udp'],
    );
    assert.deepEqual(addressIn(input), ['192.0.2.10']);
    io.close();
    server.close();
  });

  it('what is no answer with its number costs nothing: anybody could have sent it', async () => {
    const server = await udpServer((socket, query, { address, port }) => {
      const answer = encode(answerTo(query));
      const foreign = Buffer.from(answer);
      foreign.writeUInt16BE(78, 0);
      for (const junk of [Buffer.alloc(0), answer.subarray(0, 2), foreign, query, answer])
        socket.send(junk, port, address);
    });
    const { io, next } = collecting();
    io.query(queryTo(server.endpoint));
    assert.deepEqual(addressIn(await next()), ['192.0.2.10']);
    io.close();
    server.close();
  });

  it('each query has a port of its own', async () => {
    const ports = new Set<number>();
    const server = await udpServer((socket, query, { address, port }) => {
      ports.add(port);
      socket.send(encode(answerTo(query)), port, address);
    });
    const { io, next } = collecting();
    for (let id = 1; id <= 8; id += 1) io.query(queryTo(server.endpoint, { id }));
    for (let id = 1; id <= 8; id += 1) await next();
    assert.equal(ports.size, 8);
    io.close();
    server.close();
  });

  it('several answers to one query are all told: which one counts is not decided here', async () => {
    const server = await udpServer((socket, query, { address, port }) => {
      socket.send(Buffer.concat([query.subarray(0, 2), Buffer.from([0x80, 0, 1])]), port, address);
      socket.send(encode(answerTo(query)), port, address);
    });
    const { io, next } = collecting();
    io.query(queryTo(server.endpoint));
    const first = await next();
    assert.equal(first.kind === 'dns-answer' && first.message, 'malformed');
    assert.deepEqual(addressIn(await next()), ['192.0.2.10']);
    io.close();
    server.close();
  });

  it('nobody listens: refused', async () => {
    const { io, next } = collecting();
    io.query(queryTo(await closedPort(), { id: 5 }));
    assert.deepEqual(await next(), { kind: 'dns-error', id: 5, cause: 'refused' });
    io.close();
  });

  it('a server that cannot be one: an error, not a throw', async () => {
    const { io, next } = collecting();
    for (const transport of ['udp', 'tcp'] as const) {
      io.query(queryTo({ address: LOOPBACK, port: 70_000 }, { transport }));
      assert.equal((await next()).kind, 'dns-error');
    }
    io.close();
  });

  it('a query that is over is told of no more, and its socket is closed', async () => {
    let tell: () => void = () => undefined;
    const server = await udpServer((socket, query, { address, port }) => {
      tell = () => socket.send(encode(answerTo(query)), port, address);
      socket.send(encode(answerTo(query)), port, address);
    });
    const { io, next } = collecting();
    io.query(queryTo(server.endpoint));
    await next();
    io.done(1);
    io.done(1);
    tell();
    io.query(queryTo(server.endpoint, { id: 2 }));
    assert.equal((await next()).id, 2);
    io.close();
    server.close();
  });

  it('may be closed before the query has left', async () => {
    const { io } = collecting();
    io.query(queryTo({ address: LOOPBACK, port: 9 }));
    io.query(queryTo({ address: LOOPBACK, port: 9 }, { id: 2, transport: 'tcp' }));
    io.close();
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('over TCP', () => {
  it('the answer comes, though in pieces', async () => {
    const server = await tcpServer((socket, query) => {
      const answer = streamEncode({ ...answerTo(query.subarray(2)) });
      assert.equal(streamDecode(query).id, 77);
      socket.setNoDelay(true);
      socket.write(answer.subarray(0, 1));
      setImmediate(() => {
        socket.write(answer.subarray(1, 9));
        setImmediate(() => socket.write(answer.subarray(9)));
      });
    });
    const { io, next } = collecting();
    io.query(queryTo(server.endpoint, { transport: 'tcp' }));
    const input = await next();
    assert.deepEqual(addressIn(input), ['192.0.2.10']);
    assert.deepEqual(input.kind === 'dns-answer' && [input.from, input.transport], [server.endpoint, 'tcp']);
    io.close();
    server.close();
  });

  it('two answers in one piece are two', async () => {
    const server = await tcpServer((socket, query) => {
      const answer = streamEncode(answerTo(query.subarray(2)));
      socket.write(Buffer.concat([Buffer.from([0, 2, 1, 1]), answer]));
    });
    const { io, next } = collecting();
    io.query(queryTo(server.endpoint, { transport: 'tcp' }));
    const first = await next();
    assert.equal(first.kind === 'dns-answer' && first.message, 'malformed');
    assert.deepEqual(addressIn(await next()), ['192.0.2.10']);
    io.close();
    server.close();
  });

  it('a connection that ends before the answer: reset', async () => {
    const server = await tcpServer((socket) => socket.end());
    const { io, next } = collecting();
    io.query(queryTo(server.endpoint, { transport: 'tcp' }));
    assert.deepEqual(await next(), { kind: 'dns-error', id: 1, cause: 'reset' });
    io.close();
    server.close();
  });

  it('nobody listens: refused', async () => {
    const { io, next } = collecting();
    io.query(queryTo(await closedPort(), { transport: 'tcp' }));
    assert.deepEqual(await next(), { kind: 'dns-error', id: 1, cause: 'refused' });
    io.close();
  });
});
