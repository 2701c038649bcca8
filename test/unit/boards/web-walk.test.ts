/** Every address of the running phone by every method, from the router itself: who may do what, and that none of them tells a secret. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';
import type { WebDesk } from './web-desk.ts';
import { PASSWORD, webDesks } from './web-desk.ts';

const desk = webDesks();
const LOOKER = 'only looking around';
const SECRETS: Readonly<Record<string, string>> = {
  'user password': LOOKER,
  'sip line1 password': 'line-secret-1',
  'ftp password': 'ftp-secret-2',
  'mqtt password': 'mqtt-secret-3',
  'webhook token': 'hook-secret-4',
};
const IN_ADDRESS = 'address-secret-5';
/** One that is in force, and one that is none and is told of. */
const ADDRESSES: readonly string[] = [
  `action uri offhook: http://u:${IN_ADDRESS}@127.0.0.1:9/off`,
  `webhook uri: ftp://u:${IN_ADDRESS}@127.0.0.1:9/hook`,
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** Without a login: a lamp on the wall, and the way to log in. */
const OPEN: readonly string[] = ['/status.json', '/login', '/pages.css', '/icon.svg'];
/** What only the administrator may read. */
const ADMINS: readonly string[] = [
  '/password.html',
  '/backup.html',
  '/backup.cfg',
  '/reset.html',
  '/local.cfg',
  '/server.cfg',
];

/** What foreign pages can have a browser send, with its cookie, and what only a script can. */
const FORGED: readonly { readonly headers: Readonly<Record<string, string>>; readonly body: string }[] = [
  { headers: {}, body: '' },
  { headers: {}, body: 'act=restart' },
  { headers: { 'Content-Type': '' }, body: 'act=restart' },
  { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'regPort=7&act=factory&sure=reset' },
  {
    headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="regPort"\r\n\r\n7\r\n--x--\r\n',
  },
  { headers: { 'Content-Type': 'text/plain' }, body: '{"key":"1","csrf":"' },
  ...[
    { Origin: 'http://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Referer: 'http://evil.example/' },
  ].map((foreign) => ({ headers: { 'Content-Type': 'application/json', ...foreign }, body: '{"key":"1"}' })),
];

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string;
}

/** One request on a connection of its own; of a stream that does not end only its begin. */
async function ask(
  at: WebDesk,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<Answer> {
  const length = { 'Content-Length': String(body.length) };
  const asked = request(`${at.url}${path}`, { method, headers: { ...headers, ...length }, agent: false });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const isStream = answer.headers['content-length'] === undefined && answer.headers['transfer-encoding'] === 'chunked';
  const text = isStream ? '' : (await answer.toArray()).join('');
  asked.destroy();
  return {
    status: answer.statusCode ?? 0,
    body: text,
    cookie: (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '',
  };
}

const basic = (login: string): Readonly<Record<string, string>> => ({
  Authorization: `Basic ${Buffer.from(login).toString('base64')}`,
});
/** From the network, as a relay on this machine brings it. */
const FAR = { Host: '192.0.2.7' };
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const start = (): Promise<WebDesk> =>
  desk(
    [...Object.entries(SECRETS).map(([name, value]) => `${name}: ${value}`), ...ADDRESSES],
    createVirtualPanel('57i'),
  );

/** Addresses and methods that are mounted; what stands before all of them is none. */
const routesOf = ({ phone }: WebDesk): readonly (readonly [method: string, path: string])[] =>
  (phone.web?.app.routes ?? []).filter(({ method }) => method !== 'ALL').map(({ method, path }) => [method, path]);
const pathsOf = (at: WebDesk): readonly string[] => [...new Set(routesOf(at).map(([, path]) => path))];

async function login(at: WebDesk, user: string, password: string): Promise<Readonly<Record<string, string>>> {
  const { cookie } = await ask(at, 'POST', '/login', FORM, new URLSearchParams({ user, password }).toString());
  return { Cookie: cookie };
}

const kept = ({ state }: WebDesk): Promise<string> => readFile(join(state, 'local.cfg'), 'utf8').catch(() => '');

describe('every address of the phone', () => {
  it('is closed to whoever has not logged in, or logged in no more', async () => {
    const at = await start();
    const gone = await login(at, 'admin', PASSWORD);
    const page = (await ask(at, 'GET', '/sysinfo.html', gone)).body;
    const csrf = /name="csrf" value="(\w+)"/.exec(page)?.[1] ?? '';
    assert.equal((await ask(at, 'POST', '/logout', { ...gone, ...FORM }, `csrf=${csrf}`)).status, 303);
    for (const path of pathsOf(at))
      for (const method of METHODS) {
        if (OPEN.includes(path)) continue;
        for (const who of [{}, gone]) {
          const { status } = await ask(at, method, path, { ...FAR, ...who });
          // The door for pushes of XML knows its servers by their address.
          assert.equal(status, method === 'POST' && path === '/' ? 403 : 401, `${method} ${path}`);
        }
      }
  });

  it('is read by a viewer but for what is the administrator’s, and changed by none but the administrator', async () => {
    const at = await start();
    const [viewer, before] = [await login(at, 'user', LOOKER), await kept(at)];
    for (const path of pathsOf(at))
      for (const method of METHODS) {
        if (OPEN.includes(path) || path === '/logout') continue;
        for (const who of [viewer, basic(`user:${LOOKER}`)]) {
          const { status } = await ask(at, method, path, who);
          const wanted = method !== 'GET' || ADMINS.includes(path) ? [403] : [200, 302, 404];
          assert.ok(wanted.includes(status), `${method} ${path}: ${status}`);
        }
      }
    assert.equal(await kept(at), before);
    const { body } = await ask(at, 'GET', '/sysinfo.html', viewer);
    const offered = [...body.matchAll(/href="(\/[^"]*)"/g)].map(([, path = '']) => path);
    assert.ok(offered.length > 20);
    assert.deepEqual(
      offered.filter((path) => ADMINS.includes(path)),
      [],
      'and no page leads to where only the administrator may go',
    );
  });

  it('is changed by a form of its own session alone, whatever the type of the body', async () => {
    const at = await start();
    const [admin, before] = [await login(at, 'admin', PASSWORD), await kept(at)];
    // Who may push XML is known by the address, and a login is no change.
    for (const path of pathsOf(at).filter((one) => one !== '/' && !OPEN.includes(one)))
      for (const method of METHODS.filter((one) => one !== 'GET'))
        for (const { headers, body } of FORGED) {
          const { status } = await ask(at, method, path, { ...admin, ...headers }, body);
          assert.equal(status, 403, `${method} ${path} with ${JSON.stringify(headers)}`);
        }
    assert.equal(await kept(at), before);
    assert.equal((await ask(at, 'GET', '/sysinfo.html', admin)).status, 200, 'nobody was logged out');
  });

  it('tells no secret, to the administrator neither', async () => {
    const at = await start();
    const secrets = [PASSWORD, IN_ADDRESS, ...Object.values(SECRETS)];
    let seen = 0;
    for (const who of [basic(`admin:${PASSWORD}`), basic(`user:${LOOKER}`)])
      for (const path of pathsOf(at)) {
        const { status, body } = await ask(at, 'GET', path, who);
        if (status === 200 && body !== '') seen += 1;
        for (const secret of secrets) assert.ok(!body.includes(secret), `${path} tells ${secret}`);
      }
    assert.ok(seen > 100, `${seen} answers were looked at`);
  });
});
