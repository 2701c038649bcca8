/** Owns who may ask the phone over HTTP, and what it tells: row L10 as far as it reaches without pages. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
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
        reason: '',
        lists: { primary: [], backup: [] },
      },
    },
  ],
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
    const call = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
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
  const servers: WebServer[] = [];
  let open = 0;
  let locked = 0;
  const counters = createCounters();
  counters.count({ event: 'failover', line: 1, role: 'registrar', from: 'a', to: 'b', cause: 'refused', took: 40 });

  before(async () => {
    for (const token of [null, TOKEN]) {
      const server = createWebServer({
        token,
        status: () => STATUS,
        counters,
        since: (id) => items.filter((item) => item.id > id),
        subscribe: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      });
      server.app.post('/act', (c) => c.json({ done: true }));
      servers.push(server);
    }
    open = (await servers[0]?.listen({ address: '127.0.0.1', port: 0 }))?.port ?? 0;
    locked = (await servers[1]?.listen({ address: '127.0.0.1', port: 0 }))?.port ?? 0;
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
    assert.equal((await ask(open, '/api/status', { Host: 'localhost:1' })).status, 200);
  });

  it('refuses what a foreign page sends, however it is authenticated', async () => {
    const host = `127.0.0.1:${open}`;
    const post = (headers: Readonly<Record<string, string>>): Promise<Answer> => ask(open, '/act', headers, 'POST');
    assert.equal((await post({ Origin: 'http://evil.example.test' })).status, 403);
    assert.equal((await post({ Origin: 'null' })).status, 403);
    assert.equal((await post({ 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal((await post({ Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' })).status, 200);
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
      'dns_answer_age_seconds{name="a\\"b",type="A"} 3',
    ])
      assert.ok(body.includes(line), line);
  });

  it('a body that is too long and a path that is not there are told so', async () => {
    const long = await fetch(`http://127.0.0.1:${open}/act`, { method: 'POST', body: 'x'.repeat(70_000) });
    assert.equal(long.status, 413);
    assert.equal((await ask(open, '/nothing')).status, 404);
  });
});
