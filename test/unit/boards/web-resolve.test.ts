/** The page "Resolve like the phone" of a whole phone at the lab's name server: every step, both lists, and what it refuses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WebDesk } from './web-desk.ts';
import { plainCells, webDesks } from './web-desk.ts';

const desk = webDesks();
const ask = (at: WebDesk, fields: Readonly<Record<string, string>>): Promise<Response> =>
  at.ask(`/resolve.html?${new URLSearchParams(fields)}`);

describe('resolve like the phone', () => {
  it('tells every DNS step, the rule of page 4-46, and both lists', async () => {
    const at = await desk();
    const { domain } = at.lab.info();
    const [primary, backup] = [`primary.${domain}`, `backup.${domain}`];
    const asked = await ask(at, { name: primary, port: '0', transport: '1', backup, backupPort: '0' });
    const text = plainCells(await asked.text());
    assert.match(text, /SRV lookup of _sip\._udp, because port is 0\./);
    assert.match(text, /aria-current="true"><strong>name, port 0: SRV: by priority/);
    assert.match(
      text,
      new RegExp(`<td>SRV _sip\\._udp\\.${primary}</td><td><div><code>priority \\d+ weight \\d+ port \\d+`),
    );
    assert.match(text, /<td>\d+ s<\/td><td>asked now<\/td><td>an answer \d+ s old, fresh for \d+ s<\/td>/);
    const [, first = '', second = ''] = text.split(/<h2>(?:Primary|Backup): /);
    assert.match(first, /<ol><li><code>udp:127\.0\.0\.1:\d+<\/code><\/li>/);
    assert.match(second, /<ol><li><code>udp:127\.0\.0\.1:\d+<\/code><\/li>/);
    assert.equal(new Set(text.match(/<li><code>udp:[^<]+/g)).size, 2, 'two servers');
  });

  it('of an address asks no DNS, of a name that is not there says so', async () => {
    const at = await desk();
    const address = await (await ask(at, { name: '192.0.2.7', port: '0', transport: '4' })).text();
    assert.match(address, /<code>tls:192\.0\.2\.7:5061<\/code>[\s\S]*DNS was not asked/);
    const gone = await (await ask(at, { name: `nobody.${at.lab.info().domain}`, port: '5060', transport: '1' })).text();
    assert.match(gone, /role="alert">nothing found: DNS has no address for it/);
    assert.match(gone, /no such name \(NXDOMAIN\)/);
  });

  it('refuses what no configuration file could hold, each fault by its name, and asks nothing', async () => {
    const at = await desk();
    const before = at.phone.phone.events.since(0).length;
    const answer = await ask(at, { name: '<b>x', port: '70000', transport: '9', backup: 'a b' });
    const text = await answer.text();
    assert.equal(answer.status, 400);
    assert.match(text, /Server &quot;&lt;b&gt;x&quot;: expected/);
    assert.match(text, /Server port &quot;70000&quot;: expected a whole number from 0 to 65535/);
    assert.match(text, /Backup server &quot;a b&quot;/);
    assert.match(text, /Transport &quot;9&quot;: expected 0, 1, 2 or 4/);
    assert.doesNotMatch(text, /DNS steps/);
    assert.ok(
      at.phone.phone.events
        .since(0)
        .slice(before)
        .every(({ json }) => !json.includes('70000')),
    );
  });

  it('of many at once looks up two: the others are told to come again, and the phone stays registered', async () => {
    const at = await desk();
    assert.equal((await at.lab.fault('dns', 'silent')).ok, true);
    const silent = { name: `slow.${at.lab.info().domain}`, port: '5060', transport: '1' };
    const codes = (await Promise.all(Array.from({ length: 8 }, () => ask(at, silent)))).map(({ status }) => status);
    assert.deepEqual(codes.sort(), [200, 200, 429, 429, 429, 429, 429, 429]);
  });

  it('leads to what is configured, and asks nobody who has not logged in', async () => {
    const at = await desk();
    const text = await at.get('/resolve.html');
    assert.match(
      text,
      /<a href="\/resolve\.html\?name=[^"]+&amp;port=0[^"]*">primary[^<]*<\/a>: line 1 registrar, line 1 proxy/,
    );
    assert.equal((await fetch(`${at.url}/resolve.html?name=a.test`)).status, 401);
  });
});
