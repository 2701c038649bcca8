/** Telling a real web server what happens: in order, with a token, bounded; a server that is dead, slow or refuses holds nothing up. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import type { Webhook } from '../../../../firmware/shell/webhook.ts';
import { createWebhook } from '../../../../firmware/shell/webhook.ts';
import { createAuthority } from '../../../../scripts/lab/certificates.ts';

const PATIENCE_MS = 60_000;
const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

interface Place {
  readonly webhook: Webhook;
  readonly told: Told[];
  readonly problems: string[];
  readonly values: Record<string, string>;
  answer: (index: number) => number | 'never';
}

async function place(
  values: Readonly<Record<string, string>> = {},
  trusted: readonly string[] | null = null,
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<Place> {
  const at: Place = {
    ...{ told: [], problems: [], answer: () => 204 },
    values: { 'webhook events': 'mwi, problem', ...values },
    webhook: createWebhook({
      value: (name) => at.values[name] ?? '',
      who: { mac: '00085D000001', model: '57i', version: '1' },
      wallMs: () => Date.UTC(2026, 0, 2),
      lookup: () => Promise.resolve(['127.0.0.1']),
      authorities: () => Promise.resolve(trusted),
      tell: (event) => {
        if (event.event === 'problem') at.problems.push(event.message);
        at.webhook.event(event);
      },
    }),
  };
  const listener: RequestListener = (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += String(chunk);
    });
    request.on('end', () => {
      at.told.push({ headers: request.headers, body: JSON.parse(text) as Record<string, unknown> });
      const code = at.answer(at.told.length);
      if (code !== 'never') response.writeHead(code, { location: '/elsewhere' }).end();
    });
  };
  const server: Server = tls === null ? createServer(listener) : createTlsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  at.values['webhook uri'] = `http${tls === null ? '' : 's'}://${tls === null ? '127.0.0.1' : 'hook.example'}`;
  at.values['webhook uri'] += `:${(server.address() as AddressInfo).port}/hook`;
  cleanUps.push(
    () => at.webhook.stop(),
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return at;
}

const mwi = (count: number): PhoneEvent => ({ event: 'mwi', line: 1, waiting: true, new: count, old: 0 });
async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(5)) assert.ok(performance.now() < end);
}

describe('a webhook', () => {
  it('is told each event that is wanted, in order, as JSON with who and when; others not', async () => {
    const at = await place({ 'webhook token': 'word' });
    for (let count = 1; count <= 20; count += 1) at.webhook.event(mwi(count));
    at.webhook.event({ event: 'screen', lines: ['1234'] });
    at.webhook.event({ event: 'registration', line: 1, state: 'trying' });
    await until(() => at.told.length === 20);
    assert.deepEqual(
      at.told.map(({ body }) => body['new']),
      Array.from({ length: 20 }, (_count, index) => index + 1),
    );
    assert.deepEqual(at.told[0]?.body, {
      phone: { mac: '00085D000001', model: '57i', version: '1' },
      at: '2026-01-02T00:00:00.000Z',
      ...mwi(1),
    });
    assert.equal(at.told[0]?.headers.authorization, 'Bearer word');
    assert.equal(at.told[0]?.headers['content-type'], 'application/json');
  });

  it('that refuses is left alone for a while; the next news says how many were lost, and the trouble is told once', async () => {
    const at = await place();
    at.answer = (index) => (index === 1 ? 500 : 200);
    at.webhook.event(mwi(1));
    await until(() => at.problems.length === 1);
    for (let count = 2; count <= 100; count += 1) at.webhook.event(mwi(count));
    await until(() => at.told.at(-1)?.body['new'] === 100);
    assert.equal(at.told[1]?.body['lost'], 36, 'one was refused, 35 gave way to newer ones');
    assert.equal(at.told[1]?.body['new'], 37);
    assert.equal(at.told[2]?.body['lost'], undefined);
    assert.deepEqual(at.problems, ['webhook: HTTP 500']);
  });

  it('is not followed elsewhere, and its own trouble is no news to it', async () => {
    const at = await place();
    at.answer = () => 302;
    at.webhook.event(mwi(1));
    await until(() => at.problems.length === 1);
    assert.deepEqual(at.problems, ['webhook: HTTP 302']);
    assert.equal(at.told.length, 1);
  });

  it('that nobody runs, or none, costs one attempt and nothing', async () => {
    const at = await place({ 'webhook uri': '' });
    at.values['webhook uri'] = 'http://127.0.0.1:1/';
    for (let count = 1; count <= 1000; count += 1) at.webhook.event(mwi(count));
    await until(() => at.problems.length === 1);
    assert.match(at.problems[0] ?? '', /^webhook: connection refused/);
    at.values['webhook uri'] = '';
    at.webhook.event(mwi(1));
    assert.equal(at.told.length, 0);
  });

  it('over TLS is told where a private authority vouches for it by its name, and nothing else gets through', async () => {
    const authority = createAuthority('Authority of the house');
    const issued = (dns: string, from = authority) => {
      const { certificate: cert, key } = from.issue({ commonName: 'hook', dns: [dns] });
      return { cert, key };
    };
    const pinned = [authority.certificate];
    const trusted = await place({ 'webhook token': 'word' }, pinned, issued('hook.example'));
    trusted.webhook.event(mwi(1));
    await until(() => trusted.told.length === 1);
    assert.deepEqual(trusted.problems, []);
    for (const [authorities, tls] of [
      [pinned, issued('elsewhere.example')],
      [pinned, issued('hook.example', createAuthority('Somebody else'))],
      [[], issued('hook.example')],
      [null, issued('hook.example')],
    ] as const) {
      const at = await place({ 'webhook token': 'word' }, authorities, tls);
      at.webhook.event(mwi(1));
      await until(() => at.problems.length === 1);
      assert.equal(at.told.length, 0, 'no body and no token has left');
    }
  });
});
