/** Owns the login of the Web UI over real sockets: sessions, Basic, foreign forms, guesses (interfaces 4, web-forms). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { effectiveSettings } from '../../../../firmware/config/layers.ts';
import { ok } from '../../../../firmware/kernel/result.ts';
import type { PhoneStatus } from '../../../../firmware/status.ts';
import { secureUrl } from '../../../../firmware/web/access.ts';
import { createCounters } from '../../../../firmware/web/metrics.ts';
import type { WebServer } from '../../../../firmware/web/server.ts';
import { createWebServer } from '../../../../firmware/web/server.ts';

const STATUS: PhoneStatus = {
  ...{ profile: 'modern', model: '57i', version: 'test', uptime: 7, link: 'up' },
  ...{ lines: [], subscriptions: [], targets: [], dns: [] },
};
const OFF = { on: false, to: '' };
const PASSWORDS: Readonly<Record<string, 'admin' | 'viewer' | 'not-yet'>> = {
  ...{ 'admin:good': 'admin', 'user:look': 'viewer', 'early:look': 'not-yet' },
};
const basic = (login: string): Readonly<Record<string, string>> => ({
  Authorization: `Basic ${Buffer.from(login).toString('base64')}`,
});

describe('logging in to the Web UI', () => {
  let web: WebServer;
  let url = '';
  let plain = false;
  let enabled = true;
  let changed = 0;
  before(async () => {
    const settings = effectiveSettings([], { model: '57i', mac: '00085D000001' });
    web = createWebServer({
      ...{ decisions: () => [], trace: () => [], listening: { address: '127.0.0.1', port: 5060 } },
      token: null,
      ui: {
        mac: '00085D000001',
        bench: null,
        settings: {
          read: () => Promise.resolve(ok(settings)),
          change: () => {
            changed += 1;
            return Promise.resolve(ok(settings));
          },
          texts: () => Promise.resolve(ok({ files: [], before: null })),
          imagine: () => Promise.resolve(ok(settings)),
          rewrite: () => Promise.resolve(ok(settings)),
          undo: () => Promise.resolve(ok(settings)),
        },
        accounts: {
          // As long as it takes to derive a key of a password.
          check: (user, password) => pause(5, PASSWORDS[`${user}:${password}`] ?? null),
          change: () => Promise.resolve(ok(null)),
        },
        upkeep: { restart: () => undefined, factoryReset: () => Promise.resolve() },
        account: {
          answers: () => ({ dnd: 'off', forward: { all: OFF, busy: OFF, noanswer: OFF }, rings: 3 }),
          ...{ dnd: () => undefined, forward: () => undefined },
        },
        rounds: { last: () => null, ask: () => undefined },
        lookUp: () => Promise.resolve({ steps: [], findings: [] }),
        plainLogin: () => plain,
        enabled: () => enabled,
      },
      ...{ status: () => STATUS, counters: createCounters(), since: () => [], subscribe: () => () => undefined },
    });
    url = `http://127.0.0.1:${(await web.listen({ address: '127.0.0.1', port: 0 })).port}`;
  });
  after(() => web.close());

  const form = (path: string, fields: Readonly<Record<string, string>>, headers = {}): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields), headers });
  async function session(): Promise<Readonly<Record<string, string>>> {
    const answer = await form('/login', { user: 'admin', password: 'good' });
    return { Cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  }
  const wordOf = (page: string): string => /name="csrf" value="(\w+)"/.exec(page)?.[1] ?? '';

  it('nobody sees or changes a setting without, a peer on this machine neither', async () => {
    for (const path of ['/sysinfo.html', '/globalSIPsettings.html', '/SIPsettingsLine9.html', '/password.html']) {
      const answer = await fetch(`${url}${path}`);
      assert.equal(answer.status, 401, path);
      assert.match(answer.headers.get('www-authenticate') ?? '', /Basic realm="Holdfast"/, 'a script learns how');
    }
    assert.equal((await form('/globalSIPsettings.html', { regPort: '1' })).status, 401);
    assert.equal(changed, 0);
  });

  it('a browser gets the form instead of a box, and comes back to the page it asked for', async () => {
    const asked = await fetch(`${url}/provis.html`, { headers: { Accept: 'text/html' } });
    assert.equal(asked.headers.get('www-authenticate'), null);
    assert.match(await asked.text(), /name="next" value="\/provis\.html"/);
    const answer = await form('/login', { user: 'admin', password: 'good', next: '/provis.html' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/provis.html']);
    assert.match(answer.headers.get('set-cookie') ?? '', /^holdfast=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it('has no page and takes no password with `web interface enabled: 0`; programs are served as before', async () => {
    const cookie = await session();
    enabled = false;
    try {
      for (const path of ['/', '/login', '/sysinfo.html', '/editor.html', '/panel', '/panel/feed', '/nothing']) {
        const answer = await fetch(`${url}${path}`, { headers: { ...cookie, Accept: 'text/html' } });
        assert.equal(answer.status, 403, path);
        assert.match(await answer.text(), /has turned its web pages off/, path);
      }
      assert.equal((await form('/login', { user: 'admin', password: 'good' })).status, 403);
      const before = changed;
      assert.equal((await form('/globalSIPsettings.html', { regPort: '1' }, basic('admin:good'))).status, 403);
      assert.equal(changed, before);
      assert.equal((await fetch(`${url}/api/status`, { headers: basic('admin:good') })).status, 403, 'by a password');
      for (const path of ['/status.json', '/metrics', '/api/status', '/api/timeline'])
        assert.equal((await fetch(`${url}${path}`)).status, 200, `${path}, from this machine`);
    } finally {
      enabled = true;
    }
    assert.equal((await fetch(`${url}/sysinfo.html`, { headers: cookie })).status, 200, 'and on again');
  });

  it('leads to no other place than a page of this phone', async () => {
    for (const next of ['//evil.example', 'https://evil.example/', '/a\r\nSet-Cookie: x=1', '/\\evil.example']) {
      const answer = await form('/login', { user: 'admin', password: 'good', next });
      assert.equal(answer.headers.get('location'), '/sysinfo.html', next);
    }
  });

  it("a session's form is taken with its word alone, and nothing after it has logged out", async () => {
    const cookie = await session();
    const page = await (await fetch(`${url}/globalSIPsettings.html`, { headers: cookie })).text();
    const csrf = wordOf(page);
    const before = changed;
    assert.equal((await form('/globalSIPsettings.html', { regPort: '1' }, cookie)).status, 403);
    assert.equal((await form('/globalSIPsettings.html', { regPort: '1', csrf: `${csrf}0` }, cookie)).status, 403);
    assert.equal(changed, before);
    assert.equal((await form('/globalSIPsettings.html', { regPort: '1', csrf }, cookie)).status, 200);
    assert.equal(changed, before + 1);
    assert.equal((await form('/logout', { csrf }, cookie)).status, 303);
    assert.equal((await fetch(`${url}/globalSIPsettings.html`, { headers: cookie })).status, 401);
  });

  it('a foreign page changes nothing, though the browser adds the password by itself', async () => {
    const before = changed;
    const foreign = { ...basic('admin:good'), Origin: 'http://evil.example.test' };
    assert.equal((await form('/globalSIPsettings.html', { regPort: '1' }, foreign)).status, 403);
    assert.equal(changed, before);
  });

  it('a viewer sees the pages with every field grey, and changes nothing', async () => {
    const page = await (await fetch(`${url}/globalSIPsettings.html`, { headers: basic('user:look') })).text();
    assert.match(page, /name="regPort"[^>]* disabled/);
    assert.doesNotMatch(page, /Save Settings/);
    const before = changed;
    assert.equal((await form('/globalSIPsettings.html', { regPort: '1' }, basic('user:look'))).status, 403);
    assert.equal((await fetch(`${url}/password.html`, { headers: basic('user:look') })).status, 403);
    assert.equal(changed, before);
  });

  it('a viewer who is there before the administrator is told so, as nothing that was wrong', async () => {
    const early = await fetch(`${url}/sysinfo.html`, { headers: basic('early:look') });
    assert.equal(early.status, 403);
    assert.match(await early.text(), /the administrator logs in first/);
  });

  it('a person is told on a page what went wrong, and led on; a script by an object', async () => {
    const cookie = await session();
    const there = await fetch(`${url}/nowhere.html`, { headers: { ...cookie, Accept: 'text/html' } });
    assert.deepEqual([there.status, there.headers.get('content-type')], [404, 'text/html; charset=UTF-8']);
    assert.match(await there.text(), /<h1>Not Found<\/h1>.*Nothing at \/nowhere\.html\..*href="\/sysinfo\.html"/s);
    const late = await form('/globalSIPsettings.html', { csrf: 'old' }, { ...cookie, Accept: 'text/html' });
    assert.match(await late.text(), /<h1>Not Allowed<\/h1>.*The form is from another session/s);
    assert.deepEqual(await (await fetch(`${url}/nowhere.html`, { headers: cookie })).json(), {
      error: 'nothing at /nowhere.html',
    });
    const home = await fetch(`${url}/`, { headers: cookie, redirect: 'manual' });
    assert.equal(home.headers.get('location'), '/sysinfo.html');
    assert.equal((await fetch(`${url}/icon.svg`)).headers.get('content-type'), 'image/svg+xml');
  });

  it('a form that is cut short changes nothing, and is told to be no whole one', async () => {
    const before = changed;
    const headers = { ...basic('admin:good'), 'Content-Type': 'multipart/form-data; boundary=cut-here' };
    const body = '--cut-here\r\nContent-Disposition: form-data; name="regPort"\r\n\r\n70';
    const answer = await fetch(`${url}/globalSIPsettings.html`, { method: 'POST', headers, body });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /the form is not whole/);
    assert.equal(changed, before);
  });

  it('a new password ends every session', async () => {
    const cookie = await session();
    const csrf = wordOf(await (await fetch(`${url}/password.html`, { headers: cookie })).text());
    assert.equal((await form('/password.html', { old: 'bad', new: 'correct horse', csrf }, cookie)).status, 401);
    const twice = { old: 'good', new: 'correct horse', again: 'correct house', csrf };
    assert.match(await (await form('/password.html', twice, cookie)).text(), /Nothing was changed: the new password/);
    assert.equal((await form('/password.html', { old: 'good', new: 'correct horse', csrf }, cookie)).status, 200);
    assert.equal((await fetch(`${url}/sysinfo.html`, { headers: cookie })).status, 401);
  });

  it('from the network no password is taken in the clear, unless the configuration allows it', async () => {
    // A Host that is not this machine: what came through a relay counts as the network.
    const { request } = await import('node:http');
    const ask = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { ...basic('admin:good'), Host: '192.0.2.7' };
        const call = request(`${url}/sysinfo.html`, { headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        call.on('error', reject);
        call.end();
      });
    assert.equal(await ask(), 403);
    plain = true;
    assert.equal(await ask(), 200);
    plain = false;
  });

  it('of guesses that come in one go no more than ten are looked at; who has logged in is not kept out by them', async () => {
    const cookie = await session();
    const guess = (password: string): string =>
      `GET /sysinfo.html HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${basic(`admin:${password}`)['Authorization']}\r\n\r\n`;
    const { port } = new URL(url);
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    let said = '';
    const answers = (): readonly string[] => [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code = '']) => code);
    socket.on('data', (octets) => {
      said += octets.toString();
      if (answers().length === 61) socket.end();
    });
    socket.write(`${Array.from({ length: 60 }, (_guess, n) => guess(`wrong${n}`)).join('')}${guess('good')}`);
    await once(socket, 'close');
    const looked = answers().filter((code) => code === '401').length;
    assert.ok(looked > 0 && looked <= 10, `${looked} were looked at`);
    assert.equal(answers().filter((code) => code === '429').length, 61 - looked, 'the right one after them too');
    assert.equal((await fetch(`${url}/sysinfo.html`, { headers: cookie })).status, 200);
    const answer = await form('/login', { user: 'admin', password: 'good' });
    assert.equal(answer.status, 429);
    assert.match(await answer.text(), /too many wrong logins: wait \d+ s/);
  });
});

describe('a browser that comes in the clear', () => {
  const secure = { address: '0.0.0.0', port: 443 };
  const asking = { method: 'GET', path: '/sysinfo.html', peer: '192.0.2.7', encrypted: false };
  const at = (host: string): Headers => new Headers({ host });

  it('from the network is sent to the same page over TLS', () => {
    assert.equal(secureUrl({ ...asking, headers: at('192.0.2.100:8080') }, secure), 'https://192.0.2.100/sysinfo.html');
    const other = { ...secure, port: 8443 };
    assert.equal(
      secureUrl({ ...asking, headers: at('[2001:db8::1]') }, other),
      'https://[2001:db8::1]:8443/sysinfo.html',
    );
  });

  it('is not where there is no TLS, or none is needed', () => {
    const headers = at('192.0.2.100');
    assert.equal(secureUrl({ ...asking, headers }, null), null);
    assert.equal(secureUrl({ ...asking, headers, encrypted: true }, secure), null);
    assert.equal(secureUrl({ ...asking, headers: at('127.0.0.1:8080'), peer: '127.0.0.1' }, secure), null);
  });
});
