/** A whole phone that tells web servers what happens, as set by its pages: action URIs with the proxy in use, a webhook of the failover, no secret. */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { isOn, PASSWORD, until, webDesks } from './web-desk.ts';

const desk = webDesks();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Ear {
  readonly url: string;
  readonly gets: string[];
  readonly posts: string[];
}

/** `deaf`: takes everything and never answers. */
async function ear(kind: 'hears' | 'deaf' = 'hears'): Promise<Ear> {
  const [gets, posts]: [string[], string[]] = [[], []];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (request.method === 'POST') posts.push(body);
      else gets.push(request.url ?? '');
      if (kind === 'hears') response.end();
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.on('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, gets, posts };
}

describe('a phone that tells web servers what happens', () => {
  it('asks its action URIs with the proxy in use, and posts the failover; its page sets more, and shows no token', async () => {
    const { url, gets, posts } = await ear();
    const at = await desk([`action uri registered: ${url}/registered?u=$$SIPUSERNAME$$&p=$$ACTIVEPROXY$$`]);
    const { domain, accounts, callee } = at.lab.info();
    await until('asked', () => gets.includes(`/registered?u=2001&p=primary.${domain}`));
    await at.post('/actionURI.html', { outgoingField: `${url}/outgoing?p=$$ACTIVEPROXY$$` });
    const backup = `backup.${domain}`;
    const names = { backupProxyIp: backup, backupProxyPort: '0', backupRegIp: backup, backupRegPort: '0' };
    await at.post('/globalSIPsettings.html', names);
    const events = 'failover, registration';
    await at.post('/telling.html', { webhookUri: `${url}/hook`, webhookEvents: events, webhookToken: 'hook-word' });
    await until('registered', () => isOn(at, 1, 'primary')() && isOn(at, 2, 'primary')());
    assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
    await until('on the backup', () => isOn(at, 1, 'backup')() && isOn(at, 2, 'backup')());
    await until('told', () => posts.some((body) => body.includes('"event":"failover"')));
    at.phone.phone.input({ kind: 'command', id: 'x', command: { verb: 'dial', target: callee.uri, line: 1 } });
    await until('the proxy in use', () => gets.includes(`/outgoing?p=${backup}`));
    for (const text of [...gets, ...posts])
      for (const secret of [PASSWORD, 'hook-word', ...accounts.map(({ password }) => password)])
        assert.ok(!text.includes(secret), text);
    assert.ok(!(await at.get('/telling.html')).includes('hook-word'), 'its token is write-only');
  });

  it('is not held up by servers that never answer', async () => {
    const { url, posts } = await ear('deaf');
    const at = await desk([`webhook uri: ${url}/hook`, `action uri registration event: ${url}/event`]);
    await until('registered', isOn(at, 1, 'primary'));
    const backup = `backup.${at.lab.info().domain}`;
    await at.post('/globalSIPsettings.html', {
      backupRegIp: backup,
      backupRegPort: '0',
      backupProxyIp: backup,
      backupProxyPort: '0',
    });
    await until('home with a backup', isOn(at, 1, 'primary'));
    assert.equal((await at.lab.fault('primary', 'kill')).ok, true);
    await until('on the backup', isOn(at, 1, 'backup'));
    assert.ok(posts.length <= 2, `${posts.length} at once`);
  });
});
