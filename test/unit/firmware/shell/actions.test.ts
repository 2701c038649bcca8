/** Action URIs over HTTP: asked once, bounded, a slow or failing server told once and holding nobody up. */
import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import type { Actions } from '../../../../firmware/shell/actions.ts';
import { createActions } from '../../../../firmware/shell/actions.ts';
import { createAuthority } from '../../../../scripts/lab/certificates.ts';

const PATIENCE_MS = 60_000;
const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(5)) assert.ok(performance.now() < end, what);
}

interface Rig {
  readonly actions: Actions;
  readonly asked: string[];
  readonly told: string[];
}

interface Over {
  readonly certificate: { readonly cert: string; readonly key: string };
  /** Whom the phone trusts. */
  readonly authorities: readonly string[] | null;
}

/** `over`: over TLS, as actions.example. */
async function rig(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  over: Over | null = null,
): Promise<Rig> {
  const asked: string[] = [];
  const told: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  };
  const server: Server = over === null ? createServer(listener) : createTlsServer(over.certificate, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = over === null ? `http://127.0.0.1:${port}` : `https://actions.example:${port}`;
  const actions = createActions({
    value: (name) => (name === 'action uri incoming' ? `${origin}/in?n=$$REMOTENUMBER$$` : ''),
    around: () => ({ now: 0, lines: [], localIp: '', activeProxy: () => '' }),
    userAgent: 'test',
    lookup: () => Promise.resolve(['127.0.0.1']),
    authorities: () => Promise.resolve(over?.authorities ?? null),
    answered: (document) => told.push(document),
    tell: (event) => told.push(event.event === 'problem' ? event.message : event.event),
  });
  cleanUps.push(() => {
    actions.stop();
    server.closeAllConnections();
    server.close();
  });
  return { actions, asked, told };
}
const ringing = (id: string): PhoneEvent => ({
  event: 'call',
  id,
  line: 1,
  state: 'ringing',
  direction: 'in',
  peer: 'sip:2002@x\r\ny',
});

describe('an action URI', () => {
  it('is asked with its variables; one that is not set is not', async () => {
    const at = await rig((_request, response) => response.end('ignored'));
    at.actions.event(ringing('a'));
    at.actions.hook('off');
    await until('asked', () => at.asked.length === 1);
    await pause(30);
    assert.deepEqual([at.asked, at.told], [['/in?n=2002'], []]);
  });

  it('that fails, or points elsewhere, is told once and not followed', async () => {
    const at = await rig((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end());
    at.actions.event(ringing('a'));
    at.actions.event(ringing('b'));
    await until('told', () => at.told.length > 0 && at.asked.length === 2);
    await pause(30);
    assert.deepEqual(at.told, ['action uri incoming: HTTP 302']);
  });

  it('of a server that never answers is bounded: more are left out', async () => {
    const at = await rig(() => undefined);
    for (let n = 0; n < 100; n += 1) at.actions.event(ringing(String(n)));
    await until('asked', () => at.asked.length === 16);
    assert.deepEqual(at.told, ['action uri incoming: more than 16 at once']);
  });

  it('over TLS is asked where a private authority vouches for the name, and nobody else learns the number', async () => {
    const authority = createAuthority('Authority of the house');
    const issued = (dns: string, from = authority): Over['certificate'] => {
      const { certificate: cert, key } = from.issue({ commonName: 'actions', dns: [dns] });
      return { cert, key };
    };
    const pinned = [authority.certificate];
    const own = await rig((_request, response) => response.end(), {
      certificate: issued('actions.example'),
      authorities: pinned,
    });
    own.actions.event(ringing('a'));
    await until('asked', () => own.asked.length === 1);
    assert.deepEqual([own.asked, own.told], [['/in?n=2002'], []]);
    for (const over of [
      { authorities: pinned, certificate: issued('elsewhere.example') },
      { authorities: pinned, certificate: issued('actions.example', createAuthority('Somebody else')) },
      { authorities: null, certificate: issued('actions.example') },
    ]) {
      const at = await rig((_request, response) => response.end(), over);
      at.actions.event(ringing('a'));
      await until('told', () => at.told.length === 1);
      assert.match(at.told[0] ?? '', /^action uri incoming: .*(certificate|altnames)/i);
      assert.deepEqual(at.asked, []);
    }
  });
});
