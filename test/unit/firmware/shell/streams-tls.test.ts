/** TLS against real servers with certificates made here: only the configured name counts, nothing leaves before it is proved (E11-E13). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { connect, createServer } from 'node:tls';
import type { StreamSockets, TlsFiles } from '../../../../firmware/shell/streams.ts';
import { createStreamSockets } from '../../../../firmware/shell/streams.ts';
import type { Input } from '../../../../firmware/vocabulary.ts';
import type { Certified, Subject } from '../../../../scripts/lab/certificates.ts';
import { createAuthority, selfSigned } from '../../../../scripts/lab/certificates.ts';
import type { Inbox } from '../../../support/inbox.ts';
import { inbox } from '../../../support/inbox.ts';

const HERE = '127.0.0.1';
const NAME = 'sip.example.test';
const authority = createAuthority('Trusted');
const stranger = createAuthority('Unknown');
const DAY_MS = 86_400_000;
const day = (n: number): Date => new Date(Date.now() + n * DAY_MS);

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

interface Phone {
  readonly streams: StreamSockets;
  readonly box: Inbox<Input>;
}

async function phone(own: Partial<Certified> = {}, tlsPort = 0, clockIsSet = true, peer = false): Promise<Phone> {
  const box = inbox<Input>();
  const tls: TlsFiles = { authorities: [authority.certificate], certificate: null, key: null, ...own };
  const options = {
    binds: [HERE],
    port: 5060,
    tcp: false,
    tlsPort,
    tls,
    clockIsSet: () => clockIsSet,
    isPeer: (address: string) => peer && address === HERE,
    input: box.take,
  };
  const streams = await createStreamSockets(options);
  cleanUps.push(streams.closeAll);
  return { streams, box };
}

interface Host {
  readonly port: number;
  /** What came in once hands were shaken. */
  readonly heard: string[];
  readonly shaken: Inbox<TLSSocket>;
}

async function host(shown: Certified, more: TlsOptions = {}): Promise<Host> {
  const heard: string[] = [];
  const shaken = inbox<TLSSocket>();
  const server = createServer({ cert: shown.certificate, key: shown.key, ...more }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (octets) => heard.push(octets.toString('latin1')));
    shaken.take(socket);
  });
  server.on('tlsClientError', () => undefined);
  return { port: await listen(server), heard, shaken };
}

async function listen(server: NetServer): Promise<number> {
  const all = new Set<Socket>();
  server.on('connection', (socket: Socket) => all.add(socket.on('error', () => undefined)));
  server.listen(0, HERE);
  await once(server, 'listening');
  cleanUps.push(() => {
    for (const socket of all) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What comes of a connection to that port under that name: `opened`, or why not. */
async function outcome({ streams, box }: Phone, port: number, name = NAME): Promise<string> {
  streams.open('tls:f', { transport: 'tls', address: HERE, port, tlsName: name });
  streams.send('tls:f', 'SECRET');
  const told = await box.first(({ kind }) => kind === 'opened' || kind === 'flow-failed');
  return told.kind === 'flow-failed' ? `${told.cause} ${told.detail ?? ''}` : told.kind;
}

describe('a TLS server is talked to', () => {
  for (const [what, subject, name] of [
    ['whose certificate bears the configured name', { dns: ['other.test', NAME] }, NAME],
    ['in another case', { dns: ['SIP.Example.Test'] }, NAME],
    ['as a sip: URI', { uris: [`sip:${NAME}`], dns: ['whatever.test'] }, NAME],
    ['as its common name, where no other stands', { commonName: NAME }, NAME],
    ['whose certificate bears the configured address', { addresses: [HERE] }, HERE],
  ] as readonly (readonly [string, Subject, string])[])
    it(what, async () => {
      const { port } = await host(authority.issue(subject));
      assert.equal(await outcome(await phone(), port, name), 'opened');
    });

  it('by its configured name, which it can choose its certificate by', async () => {
    const { port, shaken } = await host(authority.issue({ dns: [NAME] }));
    assert.equal(await outcome(await phone(), port), 'opened');
    const socket = await shaken.first(() => true);
    assert.equal((socket as unknown as { readonly servername: string }).servername, NAME);
    assert.match(String(socket.getProtocol()), /^TLSv1\.[23]$/);
  });

  it('with a certificate of the phone where it asks for one', async () => {
    const own = authority.issue({ commonName: '00085D000001' });
    const asks = { requestCert: true, rejectUnauthorized: true, ca: authority.certificate };
    const { port, shaken } = await host(authority.issue({ dns: [NAME] }), asks);
    assert.equal(await outcome(await phone(own), port), 'opened');
    const socket = await shaken.first(() => true);
    assert.equal(socket.getPeerCertificate().subject.CN, '00085D000001');
  });

  it('in octets, both ways', async () => {
    const { port, heard, shaken } = await host(authority.issue({ dns: [NAME] }));
    const { streams, box } = await phone();
    assert.equal(await outcome({ streams, box }, port), 'opened');
    streams.send('tls:f', '\u0000\u00ff');
    const socket = await shaken.first(() => true);
    socket.write(Buffer.from([1, 254]));
    const octets = await box.first(({ kind }) => kind === 'octets');
    assert.deepEqual(octets, { kind: 'octets', flow: 'tls:f', data: '\u0001\u00fe' });
    streams.close('tls:f');
    await once(socket, 'close');
    assert.equal(heard.join(''), 'SECRET\u0000\u00ff');
  });
});

describe('a TLS server is refused before anything is said', () => {
  for (const [what, shown, reason] of [
    ['with another name', authority.issue({ dns: ['other.test'] }), /^tls .*other\.test, not for sip\.example\.test/],
    ['with the name that SRV led to', authority.issue({ dns: ['n1.sip.example.test'] }), /^tls /],
    ['with a wildcard', authority.issue({ dns: ['*.example.test'] }), /^tls /],
    ['with the name as common name beside others', authority.issue({ commonName: NAME, dns: ['a.test'] }), /^tls /],
    ['with a sip: URI of another', authority.issue({ uris: ['sip:other.test'], dns: [NAME] }), /^tls /],
    ['whose time is over', authority.issue({ dns: [NAME], notBefore: day(-9), notAfter: day(-1) }), /expired/],
    ['whose time has not come', authority.issue({ dns: [NAME], notBefore: day(1) }), /not yet valid/],
    ['that vouches for itself', selfSigned({ dns: [NAME] }), /^tls .*self.signed/],
    ['of an authority that is not ours', stranger.issue({ dns: [NAME] }), /^tls .*(?:verify|issuer)/],
  ] as const)
    it(what, async () => {
      const { port, heard } = await host(shown);
      assert.match(await outcome(await phone(), port), reason);
      assert.deepEqual(heard, []);
    });

  it('whose time has not come, on a phone whose clock was never set: nothing is trusted, and the reason is said', async () => {
    const { port, heard } = await host(authority.issue({ dns: [NAME], notBefore: day(1) }));
    assert.match(await outcome(await phone({}, 0, false), port), /^tls the clock of this phone was never set/);
    assert.deepEqual(heard, []);
    const other = await host(authority.issue({ dns: ['other.test'] }));
    assert.match(await outcome(await phone({}, 0, false), other.port), /^tls .*not for/);
  });

  it('that speaks nothing newer than TLS 1.1', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const { port, heard } = await host(authority.issue({ dns: [NAME] }), old);
    assert.equal(await outcome(await phone(), port), 'tls the server ended the handshake: protocol version');
    assert.deepEqual(heard, []);
  });

  it('that wants a certificate of ours where we have none', async () => {
    const asks = { requestCert: true, ca: authority.certificate, maxVersion: 'TLSv1.2' } as const;
    const { port } = await host(authority.issue({ dns: [NAME] }), asks);
    assert.match(await outcome(await phone(), port), /^(?:tls|reset)/);
  });

  it('that talks something else', async () => {
    const port = await listen(createTcpServer((socket) => void socket.write('SIP/2.0 200 OK\r\n\r\n')));
    assert.equal(await outcome(await phone(), port), 'tls what answers there does not speak TLS');
  });

  it('that hangs up, which is no matter of trust', async () => {
    const port = await listen(createTcpServer((socket) => void socket.once('data', () => socket.destroy())));
    assert.match(await outcome(await phone(), port), /^reset/);
  });
});

describe('a TLS server that never shakes hands', () => {
  it('is told of by nobody; the phone gives it up, and then the connection is gone', async () => {
    const taken = inbox<Socket>();
    const port = await listen(createTcpServer((socket) => taken.take(socket.resume())));
    const { streams, box } = await phone();
    streams.open('tls:f', { transport: 'tls', address: HERE, port, tlsName: NAME });
    const socket = await taken.first(() => true);
    streams.close('tls:f');
    if (!socket.destroyed) await once(socket, 'close');
    assert.deepEqual(box.seen, []);
  });
});

describe('TLS connections to the phone', () => {
  const own = authority.issue({ dns: ['phone.test'] });

  async function freePort(): Promise<number> {
    const server = createTcpServer();
    server.listen(0, HERE);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }

  it('are taken where it has a certificate to show, and only with TLS 1.2 or newer', async () => {
    const port = await freePort();
    const { streams, box } = await phone(own, port);
    assert.deepEqual(streams.listening, [`tls:${HERE}:${port}`]);
    const trust = { host: HERE, port, servername: 'phone.test', ca: authority.certificate };
    const socket = connect(trust);
    cleanUps.push(() => socket.destroy());
    await once(socket, 'secureConnect');
    socket.write('\r\n\r\n');
    const octets = await box.first(({ kind }) => kind === 'octets');
    assert.equal(octets.kind === 'octets' && octets.data, '\r\n\r\n');
    const old = connect({ ...trust, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    const [error] = (await once(old, 'error')) as [Error];
    assert.match(error.message, /protocol|version/i);
    assert.equal(box.seen.filter(({ kind }) => kind === 'accepted').length, 1);
  });

  it('are not listened for without a certificate', async () => {
    const { streams } = await phone({}, await freePort());
    assert.deepEqual([streams.listening, streams.problems], [[], []]);
  });

  it('of those who talk something else end without a word to anybody', async () => {
    const port = await freePort();
    const { box } = await phone(own, port);
    const socket = connectTcp({ host: HERE, port }).on('error', () => undefined);
    socket.write('OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n');
    await once(socket.resume(), 'close');
    assert.deepEqual(box.seen, []);
  });

  for (const [who, peer, served] of [
    ['a stranger', false, false],
    ['a server that the phone speaks to', true, true],
  ] as const)
    it(`whose handshakes do not end have few places: ${who} is ${served ? 'served' : 'refused'} where all are taken`, async () => {
      const port = await freePort();
      const { box } = await phone(own, port, true, peer);
      const strangers = Array.from({ length: 64 }, (_, n) => {
        const socket = connectTcp({ host: HERE, port, localAddress: `127.0.1.${1 + (n % 16)}` });
        cleanUps.push(() => socket.destroy());
        return socket.on('error', () => undefined).resume();
      });
      await Promise.all(strangers.map((socket) => once(socket, 'connect')));
      const mine = connect({ host: HERE, port, servername: 'phone.test', ca: authority.certificate });
      cleanUps.push(() => mine.destroy());
      mine.on('error', () => undefined);
      await new Promise((resolve) => mine.once(served ? 'secureConnect' : 'close', resolve));
      if (served) await box.first(({ kind }) => kind === 'accepted');
      assert.deepEqual(box.seen.length, served ? 1 : 0);
    });

  it('that fail leave their places', async () => {
    const port = await freePort();
    const { box } = await phone(own, port);
    for (let n = 0; n < 40; n += 1) {
      const socket = connectTcp({ host: HERE, port }).on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\n\r\n');
      await once(socket.resume(), 'close');
    }
    const mine = connect({ host: HERE, port, servername: 'phone.test', ca: authority.certificate });
    cleanUps.push(() => mine.destroy());
    await once(mine, 'secureConnect');
    await box.first(({ kind }) => kind === 'accepted');
  });
});
