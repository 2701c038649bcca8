/** HTTP and HTTPS against servers that are slow, endless, cut short, or point elsewhere; the certificate checked by name. */
import assert from 'node:assert/strict';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { Fetched } from '../../../../../firmware/shell/provisioning/fetched.ts';
import type { HttpOptions } from '../../../../../firmware/shell/provisioning/http.ts';
import { fetchHttp } from '../../../../../firmware/shell/provisioning/http.ts';
import { createAuthority } from '../../../../../scripts/lab/certificates.ts';

const HERE = '127.0.0.1';
const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

const USUAL: HttpOptions = {
  userAgent: 'Aastra57i MAC:00-08-5D-00-00-01 V:0.1.0-SIP',
  authorities: null,
  certificates: 'checked',
  lookup: () => Promise.resolve([HERE]),
};
type Source = Parameters<typeof fetchHttp>[0]['source'];
const fetch = (
  source: Partial<Source> & Pick<Source, 'port'>,
  options: Partial<HttpOptions> = {},
  timeout = 20_000,
): Promise<Fetched> =>
  fetchHttp(
    {
      source: { protocol: 'http', host: 'cfg.example', path: 'a', user: '', password: '', namedBy: 'test', ...source },
      ...{ address: HERE, name: 'aastra.cfg', signal: AbortSignal.timeout(timeout) },
    },
    { ...USUAL, ...options },
  );

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, HERE, resolve));
  return (server.address() as AddressInfo).port;
}
const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
  listening(createServer(answer));
const textOf = (came: Fetched): string => (came.kind === 'found' ? came.octets.toString() : JSON.stringify(came));

describe('a server that keeps to it', () => {
  it('is asked by its name, as provisioning systems know the original', async () => {
    const asked: IncomingMessage[] = [];
    const port = await serve((request, response) => {
      asked.push(request);
      response.end('sip proxy ip: a\n');
    });
    assert.equal(textOf(await fetch({ port })), 'sip proxy ip: a\n');
    const { url, headers } = asked[0] ?? assert.fail();
    assert.deepEqual(
      [url, headers.host, headers['user-agent']],
      ['/a/aastra.cfg', `cfg.example:${port}`, USUAL.userAgent],
    );
  });

  it('says that there is none, or what is wrong', async () => {
    for (const [status, expected] of [
      [404, { kind: 'missing' }],
      [410, { kind: 'missing' }],
      [403, { kind: 'failed', error: 'HTTP 403' }],
      [500, { kind: 'failed', error: 'HTTP 500' }],
      [204, { kind: 'failed', error: 'HTTP 204' }],
    ] as const) {
      const port = await serve((_request, response) => response.writeHead(status).end());
      assert.deepEqual(await fetch({ port }), expected);
    }
  });

  it('is followed elsewhere, without the password', async () => {
    const seen: (string | undefined)[] = [];
    const second = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end('there');
    });
    const first = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { location: `http://other.example:${second}/x` }).end();
    });
    assert.equal(textOf(await fetch({ port: first, user: 'u', password: 'p' })), 'there');
    assert.deepEqual(seen, ['Basic dTpw', undefined]);
  });
});

describe('a hostile server', () => {
  it('that points at itself, at a file, or at nothing is left', async () => {
    for (const [location, why] of [
      ['/a/aastra.cfg', /more than 3 redirects/],
      ['file:///etc/passwd', /a redirect to file:/],
      ['http://[', /no address/],
    ] as const) {
      const port = await serve((_request, response) => response.writeHead(301, { location }).end());
      assert.match(textOf(await fetch({ port })), why);
    }
    const port = await serve((_request, response) =>
      response.writeHead(301, { location: 'http://gone.example/' }).end(),
    );
    assert.match(
      textOf(await fetch({ port }, { lookup: () => Promise.resolve([]) })),
      /gone\.example, which has no address/,
    );
  });

  it('without end, or that promises too much, is left at the bound', async () => {
    const endless = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('a'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    assert.match(textOf(await fetch({ port: endless })), /more than \d+ octets/);
    const boasting = await serve((_request, response) =>
      response.writeHead(200, { 'content-length': '99999999' }).flushHeaders(),
    );
    assert.match(textOf(await fetch({ port: boasting })), /more than \d+ octets/);
  });

  it('that drips, or says nothing, ends with its time', async () => {
    const drips = await serve((_request, response) => {
      const timer = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(timer));
    });
    assert.match(textOf(await fetch({ port: drips }, {}, 300)), /no whole answer/);
    assert.match(textOf(await fetch({ port: await serve(() => undefined) }, {}, 300)), /no whole answer/);
  });

  it('that breaks off, or sends no HTTP, gives no half file', async () => {
    const short = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('sip proxy ip: a\n', () => response.destroy());
    });
    assert.equal((await fetch({ port: short })).kind, 'failed');
    for (const octets of ['garbage\r\n\r\n', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(9000)}\r\n`]) {
      const port = await listening(createTcpServer((socket) => socket.on('error', () => undefined).end(octets)));
      assert.equal((await fetch({ port })).kind, 'failed');
    }
  });

  it('that is not there is told in words', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(await fetch({ port }), { kind: 'failed', error: 'connection refused' });
  });
});

describe('HTTPS', () => {
  const authority = createAuthority('Authority of the test');
  const pinned = [authority.certificate];
  async function secure(dns: readonly string[], from = authority): Promise<number> {
    const { certificate: cert, key } = from.issue({ commonName: 'server', dns, addresses: [HERE] });
    return listening(createTlsServer({ cert, key }, (_request, response) => response.end('sip x: 1\n')));
  }

  it('gives a file where the certificate is for the configured name, whatever the address', async () => {
    const port = await secure(['cfg.example']);
    assert.equal(textOf(await fetch({ protocol: 'https', port }, { authorities: pinned })), 'sip x: 1\n');
    assert.equal(textOf(await fetch({ protocol: 'https', port, host: HERE }, { authorities: pinned })), 'sip x: 1\n');
  });

  it('gives none where it is for another name, or nobody who is trusted vouches for it', async () => {
    const other = await secure(['other.example']);
    assert.match(textOf(await fetch({ protocol: 'https', port: other }, { authorities: pinned })), /cfg\.example/);
    const stranger = await secure(['cfg.example'], createAuthority('Somebody else'));
    for (const authorities of [pinned, null, []])
      assert.equal((await fetch({ protocol: 'https', port: stranger }, { authorities })).kind, 'failed');
    const unchecked = await fetch({ protocol: 'https', port: stranger }, { certificates: 'unchecked' });
    assert.equal(textOf(unchecked), 'sip x: 1\n');
  });

  it('is not left for HTTP', async () => {
    const { certificate: cert, key } = authority.issue({ dns: ['cfg.example'] });
    const port = await listening(
      createTlsServer({ cert, key }, (_request, response) =>
        response.writeHead(302, { location: 'http://cfg.example/' }).end(),
      ),
    );
    assert.match(textOf(await fetch({ protocol: 'https', port }, { authorities: pinned })), /from HTTPS to http/);
  });
});
