/** The web server of a whole phone: over TLS with a certificate of its own, and the first password, on the glass alone until it is used. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Composed } from '../../../boards/compose.ts';
import { compose } from '../../../boards/compose.ts';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';
import { parseRunArgs } from '../../../firmware/shell/args.ts';
import { openState } from '../../../firmware/shell/state-folder.ts';
import { folders } from '../../support/folder.ts';

/** Hang guard, ms. */
const PATIENCE_MS = 60_000;
const folder = folders();
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Desk {
  readonly phone: Composed;
  readonly screen: () => string;
  readonly state: string;
}

async function desk(...config: readonly string[]): Promise<Desk> {
  const place = await folder();
  const state = join(place, 'state');
  await writeFile(join(place, 'phone.cfg'), ['sip local port: 0', ...config, ''].join('\n'));
  const args = parseRunArgs(
    [
      ...['--config', join(place, 'phone.cfg'), '--state', state, '--bind', '127.0.0.1', '--board', 'virtual'],
      ...['--http', '127.0.0.1:0', '--https', '127.0.0.1:0'],
    ],
    {},
  );
  assert.ok(args.ok);
  const panel = createVirtualPanel('57i');
  const composed = await compose(args.value, { panel, logLevel: 'silent' });
  assert.ok(composed.ok);
  const phone = composed.value;
  cleanUps.push(async () => {
    await phone.phone.stop();
    panel.stop();
    await phone.web?.close();
  });
  return { phone, state, screen: () => panel.rig.panel().lcd.join('\n') };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(10))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
}

interface Answer {
  readonly status: number;
  readonly cookie: string;
  readonly fingerprint: string;
}

const logIn = (https: string, password: string, user = 'admin'): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = new URLSearchParams({ user, password, next: '/sysinfo.html' }).toString();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': body.length };
    const asked = request(`https://${https}/login`, { method: 'POST', headers, rejectUnauthorized: false });
    asked.on('error', reject);
    asked.on('response', (answer) => {
      const socket = answer.socket as import('node:tls').TLSSocket;
      const { raw } = socket.getPeerCertificate();
      answer.resume().on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          cookie: answer.headers['set-cookie']?.join() ?? '',
          fingerprint: new X509Certificate(raw).fingerprint256,
        }),
      );
    });
    asked.end(body);
  });

const statusOver = (https: string, path: string, cookie: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = { headers: { Cookie: cookie, Accept: 'text/html' }, rejectUnauthorized: false };
    request(`https://${https}${path}`, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });

describe('the first password of the web pages', () => {
  it('stands on the glass until it is used, and in no event, recording or file', async () => {
    const { phone, screen, state } = await desk();
    const password = phone.password ?? '';
    assert.match(password, /^[a-z0-9]{12}$/);
    await until('the password on the screen', () => screen().includes(`Name admin, password ${password}`));
    assert.ok(screen().includes(`Web pages: https://${phone.https ?? ''}/`));
    const { status, cookie } = await logIn(phone.https ?? '', password);
    assert.equal(status, 303);
    const [session = ''] = cookie.split(';');
    assert.equal(cookie, `${session}; Path=/; HttpOnly; SameSite=Strict; Secure`);
    const page = { headers: { Cookie: session, Accept: 'text/html' }, redirect: 'manual' } as const;
    const inClear = await fetch(`http://${phone.http ?? ''}/sysinfo.html`, page);
    assert.equal(inClear.status, 401, 'whoever read it on the way has nothing: it is no session in the clear');
    assert.equal(inClear.headers.get('set-cookie'), null);
    assert.equal(await statusOver(phone.https ?? '', '/sysinfo.html', session), 200);
    assert.equal(await statusOver(phone.https ?? '', '/sysinfo.html', session.slice(0, -1)), 401);
    await until('gone from the screen', () => !screen().includes('password'));
    const events = phone.phone.events.since(0).map(({ json }) => json);
    assert.ok(events.some((json) => json.includes('Name admin')) && !events.some((json) => json.includes(password)));
    assert.ok(!(await readFile(join(state, 'login.json'), 'utf8')).includes(password));
  });

  it('a wrong one leaves it there', async () => {
    const { phone, screen } = await desk();
    assert.equal((await logIn(phone.https ?? '', 'wrong')).status, 401);
    assert.ok(screen().includes(phone.password ?? 'no password'));
  });
});

describe('who may only look', () => {
  it('comes after the administrator: the panel has a page too, and would show the first password there', async () => {
    const { phone } = await desk('user password: just looking');
    const look = (): Promise<Answer> => logIn(phone.https ?? '', 'just looking', 'user');
    assert.equal((await look()).status, 403);
    assert.equal((await logIn(phone.https ?? '', phone.password ?? '')).status, 303);
    assert.equal((await look()).status, 303);
  });
});

describe('a reset to factory defaults by the pages', () => {
  const act = (phone: Composed, password: string, fields: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`http://${phone.http ?? ''}/reset.html`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` },
      body: new URLSearchParams(fields),
    });

  it('wants the word beside the button; then the next start finds nothing of what was kept', async () => {
    const { phone, state } = await desk();
    const password = phone.password ?? '';
    assert.equal((await phone.set('sip screen name', 'Old')).ok, true);
    assert.equal((await act(phone, password, { act: 'factory' })).status, 400);
    assert.equal(phone.again(), false);
    assert.equal((await act(phone, password, { act: 'factory', sure: 'reset' })).status, 200);
    await phone.phone.ended;
    assert.equal(phone.again(), true, 'it ends in order to start again');
    assert.ok((await readdir(state)).includes('local.cfg'), 'nothing is lost before the start that begins anew');
    const opened = await openState(state);
    assert.ok(opened.ok);
    assert.deepEqual((await readdir(state)).sort(), ['lock', 'running']);
    await opened.value.close({ clean: true });
  });

  it('restart keeps all of it', async () => {
    const { phone, state } = await desk();
    assert.equal((await act(phone, phone.password ?? '', { act: 'restart' })).status, 200);
    await phone.phone.ended;
    assert.equal(phone.again(), true);
    assert.ok((await readdir(state)).includes('login.json'));
  });

  it('removing the local settings leaves those of the files in force, at once', async () => {
    const { phone } = await desk();
    assert.equal((await phone.set('sip screen name', 'Old')).ok, true);
    assert.equal((await act(phone, phone.password ?? '', { act: 'local' })).status, 200);
    assert.equal(phone.again(), false);
    assert.equal((await phone.set('sip screen name', 'New')).ok, true);
  });
});

it('the certificate that is shown has the fingerprint of the status page', async () => {
  const { phone, screen } = await desk();
  const { fingerprint } = await logIn(phone.https ?? '', 'wrong');
  for (const edge of ['down', 'up'] as const) phone.phone.input({ kind: 'key', key: 'softkey6', edge });
  const rows = [fingerprint.split(':').slice(0, 16), fingerprint.split(':').slice(16)].map((pairs) => pairs.join(' '));
  await until('the fingerprint', () => rows.every((row) => screen().includes(row)));
});
