/** Owns who may ask the phone over HTTP, and what it tells: row L10 as far as it reaches without pages. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { PhoneStatus } from '../../../../firmware/status.ts';
import type { ApiItem } from '../../../../firmware/web/api.ts';
import { createCounters } from '../../../../firmware/web/metrics.ts';
import type { WebServer } from '../../../../firmware/web/server.ts';
import { createWebServer } from '../../../../firmware/web/server.ts';

const STATUS: PhoneStatus = {
  profile: 'modern',
  model: '57i',
  version: 'test',
  uptime: 7,
  link: 'up',
  lines: [
    {
      line: 1,
      aor: 'sip:2001@example.test',
      screenName: '',
      userName: '2001',
      messages: null,
      proxy: null,
      registrar: {
        state: 'registered',
        server: 'backup',
        target: 'udp:192.0.2.2:5060',
        since: 1,
        expiresIn: 9,
        code: 200,
        retryIn: null,
        switching: false,
        reason: '<b> & why',
        lists: { primary: [], backup: [] },
      },
    },
  ],
  subscriptions: [],
  targets: [],
  dns: [{ name: 'a"b', type: 'A', age: 3, ttl: 5, source: 'cache' }],
};
const TOKEN = 'x'.repeat(40);

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

function ask(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
  enough: (body: string) => boolean = () => false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      const done = (): void => resolve({ status: response.statusCode ?? 0, body, headers: response.headers });
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
        if (enough(body)) {
          done();
          call.destroy();
        }
      });
      response.on('end', done);
      response.on('error', () => undefined);
    });
    call.on('error', (error) => reject(error));
    call.end();
  });
}

describe('the web server', () => {
  const items: ApiItem[] = [1, 2, 3].map((id) => ({ id, json: `{"t":${id},"event":"probe"}` }));
  const listeners = new Set<(item: ApiItem) => void>();
  const leaving = new EventEmitter();
  const allLeft = async (): Promise<void> => {
    while (listeners.size > 0) await once(leaving, 'left');
  };
  const servers: WebServer[] = [];
  let open = 0;
  let locked = 0;
  let guarded = 0;
  const counters = createCounters();
  counters.count({ event: 'failover', line: 1, role: 'registrar', from: 'a', to: 'b', cause: 'refused', took: 40 });

  before(async () => {
    for (const token of [null, TOKEN, TOKEN]) {
      const server = createWebServer({
        ...{ decisions: () => [], trace: () => [], listening: { address: '127.0.0.1', port: 5060 } },
        token,
        ui: null,
        status: () => STATUS,
        counters,
        since: (id) => items.filter((item) => item.id > id),
        subscribe: (listener) => {
          listeners.add(listener);
          return () => {
            listeners.delete(listener);
            leaving.emit('left');
          };
        },
      });
      server.app.post('/act', (c) => c.json({ done: true }));
      servers.push(server);
    }
    open = (await servers[0]?.listen({ address: '127.0.0.1', port: 0 }))?.port ?? 0;
    locked = (await servers[1]?.listen({ address: '127.0.0.1', port: 0 }))?.port ?? 0;
    guarded = (await servers[2]?.listen({ address: '127.0.0.1', port: 0 }))?.port ?? 0;
  });
  after(async () => {
    for (const server of servers) await server.close();
  });

  it('without a token serves this machine, and says the state', async () => {
    const { status, body, headers } = await ask(open, '/api/status');
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), STATUS);
    assert.match(String(headers['content-security-policy']), /default-src 'self'/);
  });

  it('with a token refuses all but /status.json without it, and takes it', async () => {
    assert.equal((await ask(locked, '/api/status')).status, 401);
    assert.equal((await ask(locked, '/api/status', { Authorization: `Bearer ${'y'.repeat(40)}` })).status, 401);
    assert.equal((await ask(locked, '/api/status', { Authorization: `Bearer ${TOKEN}` })).status, 200);
    const { body } = await ask(locked, '/status.json');
    assert.deepEqual(JSON.parse(body).lines, [{ line: 1, state: 'registered', server: 'backup' }]);
    assert.doesNotMatch(body, /192\.0\.2|example/);
  });

  it('refuses a Host that is a name: DNS could point it anywhere', async () => {
    assert.equal((await ask(open, '/api/status', { Host: 'evil.example.test' })).status, 403);
    for (const host of ['localhost:1', '[::1]:8080', '127.9.9.9'])
      assert.equal((await ask(open, '/api/status', { Host: host })).status, 200, host);
  });

  it('without a token refuses what a relay on this machine brings: its Host is another one', async () => {
    assert.equal((await ask(open, '/api/status', { Host: '192.0.2.7' })).status, 401);
    assert.equal((await ask(open, '/status.json', { Host: '192.0.2.7' })).status, 200);
    assert.equal(
      (await ask(locked, '/api/status', { Host: '192.0.2.7', Authorization: `Bearer ${TOKEN}` })).status,
      200,
    );
  });

  it('refuses what a foreign page sends, however it is authenticated', async () => {
    const host = `127.0.0.1:${open}`;
    const post = (headers: Readonly<Record<string, string>>): Promise<Answer> => ask(open, '/act', headers, 'POST');
    assert.equal((await post({ Origin: 'http://evil.example.test' })).status, 403);
    assert.equal((await post({ Origin: 'null' })).status, 403);
    assert.equal((await post({ 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal((await post({ Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' })).status, 200);
  });

  it('every answer, refusals too, forbids browsers what they need not do', async () => {
    for (const [port, path] of [
      [open, '/api/status'],
      [open, '/'],
      [open, '/nothing'],
      [locked, '/api/status'],
    ] as const) {
      const { headers } = await ask(port, path);
      assert.match(String(headers['content-security-policy']), /default-src 'self'/, path);
      assert.deepEqual([headers['x-content-type-options'], headers['x-frame-options']], ['nosniff', 'DENY'], path);
    }
  });

  it('a phone without a panel shows a page of its own, with every word of others as text', async () => {
    const { status, body, headers } = await ask(open, '/');
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), /^text\/html/);
    assert.match(body, /<td>registered<\/td><td>backup<\/td><td>&lt;b&gt; &amp; why<\/td>/);
  });

  it('a reader that knows more than was ever told gets all: the phone has started anew', async () => {
    const { body } = await ask(open, '/api/events', { 'Last-Event-ID': '900' }, 'GET', (text) =>
      text.includes('id: 3'),
    );
    assert.match(body, /id: 1\n/);
  });

  it('an event that comes later is sent when it comes, and a reader that leaves is forgotten', async () => {
    const answer = ask(open, '/api/events', {}, 'GET', (text) => {
      if (text.endsWith(': open\n\n')) for (const tell of listeners) tell({ id: 4, json: '{"t":4}' });
      return text.includes('id: 4');
    });
    assert.match((await answer).body, /^: open\n\ndata: \{"t":4\}\nid: 4\n\n$/);
    await allLeft();
  });

  it('a reader that does not read is let go before it fills the memory', async () => {
    await allLeft();
    const call = request({ host: '127.0.0.1', port: open, path: '/api/events' });
    call.on('error', () => undefined);
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.pause();
    const json = JSON.stringify('x'.repeat(10_000));
    for (let id = 10; id < 4020 && listeners.size > 0; id += 1) for (const tell of listeners) tell({ id, json });
    await allLeft();
    call.destroy();
  });

  it('sends events with their ids, from Last-Event-ID on', async () => {
    const { body } = await ask(open, '/api/events', { 'Last-Event-ID': '1' }, 'GET', (text) => text.includes('id: 3'));
    assert.match(body, /data: {"t":2,"event":"probe"}\nid: 2\n\ndata: {"t":3,"event":"probe"}\nid: 3\n/);
  });

  it('tells Prometheus the state, the failovers and how long they took', async () => {
    const { body } = await ask(open, '/metrics');
    for (const line of [
      'sip_registration_state{line="1",server="backup"} 1',
      'sip_active_server{line="1"} 2',
      'sip_failovers_total{reason="refused"} 1',
      'sip_failover_duration_seconds_bucket{le="0.05"} 1',
      'sip_failover_duration_seconds_bucket{le="+Inf"} 1',
      'sip_failover_duration_seconds_sum 0.04',
      'dns_answer_age_seconds{name="a\\"b",type="A"} 3',
    ])
      assert.ok(body.includes(line), line);
  });

  it('a body that is too long and a path that is not there are told so', async () => {
    const long = await fetch(`http://127.0.0.1:${open}/act`, { method: 'POST', body: 'x'.repeat(70_000) });
    assert.equal(long.status, 413);
    const unmeasured = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(10_000));
      },
    });
    const chunked = { method: 'POST', body: unmeasured, duplex: 'half' } as RequestInit;
    const endless = await fetch(`http://127.0.0.1:${open}/act`, chunked).then(
      ({ status }) => status,
      // The server need not read on before it closes.
      () => 413,
    );
    assert.equal(endless, 413);
    assert.equal((await ask(open, '/api/status', { 'X-Long': 'x'.repeat(20_000) })).status, 431);
    assert.equal((await ask(open, '/nothing')).status, 404);
  });

  it('one peer that opens a hundred connections and says nothing leaves room for the owner', async () => {
    const hoard = Array.from({ length: 100 }, () =>
      connect({ host: '127.0.0.1', port: open, localAddress: '127.0.0.7' }).on('error', () => undefined),
    );
    try {
      await Promise.all(hoard.map((socket) => once(socket, 'connect')));
      assert.equal((await ask(open, '/status.json')).status, 200);
    } finally {
      for (const socket of hoard) socket.destroy();
    }
  });

  it('after ten wrong tokens looks at no more for a while, and says how long', async () => {
    const wrong = (): Promise<Answer> => ask(guarded, '/api/status', { Authorization: 'Bearer guess' });
    for (let tries = 0; tries < 10; tries += 1) assert.equal((await wrong()).status, 401);
    const { status, headers } = await wrong();
    assert.equal(status, 429);
    const waitS = Number(headers['retry-after']);
    assert.ok(waitS > 0 && waitS <= 60);
    assert.equal((await ask(guarded, '/status.json')).status, 200);
  });
});
