/** Who may push XML to the phone: the servers of the list, by the address they connect from; strangers, browsers and liars may not. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import type { XmlPushOptions } from '../../../../firmware/shell/xml-push.ts';
import { createXmlPush, documentOf } from '../../../../firmware/shell/xml-push.ts';
import type { Input } from '../../../../firmware/vocabulary.ts';
import { createCounters } from '../../../../firmware/web/metrics.ts';
import type { WebServer } from '../../../../firmware/web/server.ts';
import { createWebServer } from '../../../../firmware/web/server.ts';

const servers: WebServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Rig {
  readonly port: number;
  readonly taken: Input[];
  readonly lookedUp: string[];
}

async function rig(over: Partial<XmlPushOptions> = {}): Promise<Rig> {
  const taken: Input[] = [];
  const lookedUp: string[] = [];
  const push = createXmlPush({
    ...{ hosts: () => ['127.0.0.1'], now: () => 0, input: (input) => taken.push(input) },
    lookup(host) {
      lookedUp.push(host);
      return Promise.resolve(host === 'apps.example' ? ['127.0.0.1'] : ['192.0.2.9']);
    },
    ...over,
  });
  const server = createWebServer({
    ...{ token: 'x'.repeat(40), ui: null, push, decisions: () => [], trace: () => [], counters: createCounters() },
    ...{ listening: { address: '127.0.0.1', port: 5060 }, since: () => [], subscribe: () => () => undefined },
    status: () => assert.fail('no status is asked for'),
  });
  servers.push(server);
  return { port: (await server.listen({ address: '127.0.0.1', port: 0 })).port, taken, lookedUp };
}

const post = (port: number, body: string, headers: Readonly<Record<string, string>> = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path: '/', method: 'POST', headers }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve(`${response.statusCode} ${text.trim()}`));
    });
    call.on('error', reject);
    call.end(body);
  });

const TEXT = '<AastraIPPhoneTextScreen><Title>A+B</Title><Text>\u00e4 100%</Text></AastraIPPhoneTextScreen>';

describe('a push', () => {
  it('of a server of the list is taken, as it is or encoded, and needs no login', async () => {
    const { port, taken } = await rig();
    assert.equal(await post(port, `xml=${TEXT}`, { Referer: 'http://apps.example' }), '200 ok');
    const form = new URLSearchParams({ xml: TEXT }).toString();
    assert.equal(await post(port, form, { 'Content-Type': 'application/x-www-form-urlencoded' }), '200 ok');
    assert.deepEqual(taken, [
      { kind: 'xml-push', document: TEXT },
      { kind: 'xml-push', document: TEXT },
    ]);
  });

  it('of a server that the list names is known by its address, looked up once a minute', async () => {
    let time = 0;
    const { port, taken, lookedUp } = await rig({ hosts: () => ['other.example', 'apps.example'], now: () => time });
    for (time of [0, 10, 59_999]) assert.equal(await post(port, `xml=${TEXT}`), '200 ok');
    assert.deepEqual(lookedUp, ['other.example', 'apps.example']);
    time = 60_001;
    await post(port, `xml=${TEXT}`);
    assert.deepEqual([lookedUp.length, taken.length], [4, 4]);
  });

  it('of a stranger is refused, whoever it says that it is', async () => {
    for (const hosts of [[], ['192.0.2.1'], ['other.example']]) {
      const { port, taken } = await rig({ hosts: () => hosts });
      for (const headers of [
        {},
        { Referer: 'http://192.0.2.1/' },
        { 'X-Forwarded-For': '192.0.2.1' },
        { Forwarded: 'for=192.0.2.1' },
        { Host: '192.0.2.1' },
        { Authorization: `Bearer ${'x'.repeat(40)}` },
      ])
        assert.match(await post(port, `xml=${TEXT}`, headers), /^403 .*post list/);
      assert.deepEqual(taken, []);
    }
  });

  it('of a browser on a server of the list is refused: a foreign page made it', async () => {
    const { port, taken } = await rig();
    for (const headers of [{ Origin: 'http://evil.example' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }])
      assert.match(await post(port, `xml=${TEXT}`, headers), /^403 .*browser/);
    assert.deepEqual(taken, []);
  });

  it('that is none, hostile or too long is answered with what is wrong', async () => {
    const { port, taken } = await rig();
    for (const [body, answer] of [
      ['', /^400 .*field xml/],
      ['yml=<a/>', /^400 .*field xml/],
      ['xml=%3Ca%2', /^400 .*field xml/],
      ['xml=<a/>', /^400 .*no object of this phone/],
      ['xml=<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', /^400 .*document type/],
      [`xml=${'<a>'.repeat(3000)}`, /^400 .*deeper than 16/],
      [`xml=${'x'.repeat(40_000)}`, /^413 /],
    ] as const)
      assert.match(await post(port, body), answer);
    assert.deepEqual(taken, []);
  });
});

it('an encoded form may be of either character set', () => {
  assert.equal(documentOf('xml=%3Ca%3E%C3%A4+b%3C/a%3E&x=1'), '<a>\u00e4 b</a>');
  assert.equal(documentOf('xml=%3Ca%3E%E4%3C/a%3E'), '<a>\u00e4</a>');
});
