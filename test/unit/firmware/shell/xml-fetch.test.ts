/** XML applications over real HTTP: what they see of the phone, and that a slow, endless or leading one is bounded. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { XmlFetchOptions } from '../../../../firmware/shell/xml-fetch.ts';
import { createXmlFetch } from '../../../../firmware/shell/xml-fetch.ts';
import type { Effect, Fetched, Input } from '../../../../firmware/vocabulary.ts';
import { readObject } from '../../../../firmware/xml-api/read.ts';
import { createAuthority } from '../../../../scripts/lab/certificates.ts';

const HERE = '127.0.0.1';
const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

type Server = ReturnType<typeof createServer> | ReturnType<typeof createTlsServer>;
async function listening(server: Server): Promise<number> {
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, HERE, resolve));
  return (server.address() as AddressInfo).port;
}
const serve = (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> =>
  listening(createServer(answer));

const NAMED = 'Aastra57i MAC:00-08-5D-00-00-01 V:0.1.0-SIP';
const ask = (
  url: string,
  effect: Partial<Extract<Effect, { kind: 'fetch' }>> = {},
  over: Partial<XmlFetchOptions> = {},
): Promise<Fetched> =>
  new Promise((resolve) => {
    const fetch = createXmlFetch({
      userAgent: { named: NAMED, anonymous: 'Aastra57i V:0.1.0-SIP' },
      authorities: () => null,
      lookup: () => Promise.resolve([HERE]),
      input: (input: Input) => resolve(input.kind === 'fetched' ? input.answer : assert.fail(input.kind)),
      ...over,
    });
    cleanUps.push(fetch.close);
    fetch.carry({ kind: 'fetch', id: 1, url, timeoutMs: 60_000, identified: true, ...effect });
  });

describe('an application', () => {
  it('sees what the original says of itself; a foreign one no address of the phone', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const port = await serve(({ headers }, response) => {
      seen.push(headers);
      response.writeHead(200, { 'Content-Type': 'text/xml', Refresh: '3; url=http://a.test/' }).end('<a>\u00e4</a>');
    });
    const url = `http://apps.example:${port}/menu?a=1`;
    assert.deepEqual(await ask(url), { document: '<a>\u00e4</a>', refresh: '3; url=http://a.test/' });
    await ask(url, { identified: false });
    assert.deepEqual(
      seen.map((headers) => headers['user-agent']),
      [NAMED, 'Aastra57i V:0.1.0-SIP'],
    );
    assert.equal(seen[0]?.host, `apps.example:${port}`);
    assert.equal(seen[0]?.['accept-language'], 'en');
  });

  it('may write Latin-1', async () => {
    const port = await serve((_request, response) => response.end(Buffer.from('<a>\u00e4</a>', 'latin1')));
    assert.deepEqual(await ask(`http://${HERE}:${port}/`), { document: '<a>\u00e4</a>', refresh: null });
  });

  it('that answers nothing, too much, in circles or with an error is told so', async () => {
    const silent = await serve(() => undefined);
    assert.deepEqual(await ask(`http://${HERE}:${silent}/`, { timeoutMs: 200 }), { error: 'no answer within 0.2 s' });
    const long = await serve((_request, response) => response.end('x'.repeat(10_001)));
    assert.deepEqual(await ask(`http://${HERE}:${long}/`), { error: 'more than 10000 octets' });
    const endless = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'.repeat(4000)), 1);
      response.on('close', () => clearInterval(timer));
    });
    assert.deepEqual(await ask(`http://${HERE}:${endless}/`), { error: 'more than 10000 octets' });
    const circle = await serve(({ url }, response) => response.writeHead(302, { location: `${url}x` }).end());
    assert.deepEqual(await ask(`http://${HERE}:${circle}/a`), { error: 'more than 3 redirects' });
    const file = await serve((_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    assert.deepEqual(await ask(`http://${HERE}:${file}/`), { error: 'a redirect to file:' });
    const broken = await serve((_request, response) => response.writeHead(500).end());
    assert.deepEqual(await ask(`http://${HERE}:${broken}/`), { error: 'HTTP 500' });
    assert.deepEqual(await ask('http://nowhere.example/', {}, { lookup: () => Promise.resolve([]) }), {
      error: 'nowhere.example has no address',
    });
    assert.deepEqual(await ask('http://a:99999/'), { error: 'this is no address' });
  });

  it('is believed over TLS by its certificate alone', async () => {
    const authority = createAuthority('Authority of the test');
    const { certificate: cert, key } = authority.issue({ dns: ['apps.example'] });
    const port = await listening(createTlsServer({ cert, key }, (_request, response) => response.end('<a/>')));
    const url = `https://apps.example:${port}/`;
    assert.ok('error' in (await ask(url)));
    const trusts = { authorities: () => [authority.certificate] };
    assert.deepEqual(await ask(url, {}, trusts), { document: '<a/>', refresh: null });
    assert.ok('error' in (await ask(`https://other.example:${port}/`, {}, trusts)));
  });
});

it('of the page on XML applications runs as it stands there, and its pages are objects', async () => {
  const page = await readFile('docs/xml-api.md', 'utf8');
  const [, program = assert.fail('no program')] = /```js\n(.*?)```/s.exec(page) ?? [];
  const port = await serve(() => undefined);
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, PORT: String(port) },
  });
  cleanUps.push(() => child.kill());
  const names = ['menu', 'text', 'input', 'text'];
  for (const [index, path] of ['', 'today', 'order', 'ordered?dish=soup'].entries()) {
    const url = `http://${HERE}:${port}/${path}`;
    let answer = await ask(url);
    for (const end = performance.now() + 60_000; 'error' in answer && performance.now() < end; await pause(50))
      answer = await ask(url);
    const object = readObject('document' in answer ? answer.document : assert.fail(answer.error));
    assert.equal(object.ok && object.value.kind, names[index]);
  }
});
