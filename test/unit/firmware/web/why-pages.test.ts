/** What the pages of reasons and the status page say, of a phone that is made up. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { PhoneStatus, TargetStatus, TracedMessage } from '../../../../firmware/status.ts';
import { sysinfoView } from '../../../../firmware/web/pages/sysinfo.ts';
import { mountWhyPages } from '../../../../firmware/web/pages/why-pages.ts';

const message = (id: number, label: string): TracedMessage => ({
  ...{ id, t: id, at: null, direction: 'sent', transport: 'udp', local: null, text: '' },
  peer: { address: '192.0.2.1', port: 5060 },
  callId: `call-${id}`,
  label,
});
const LABELS = ['INVITE 1', 'REGISTER 1', 'SUBSCRIBE 1', 'OPTIONS 1'];

describe('the ladder', () => {
  async function listed(query: string): Promise<readonly string[]> {
    const app = new Hono<{ Bindings: HttpBindings }>();
    const source = { decisions: () => [], trace: () => LABELS.map((label, index) => message(index, label)) };
    mountWhyPages(app, source, () => ({ role: 'viewer', csrf: '', panel: false }));
    const page = await (await app.request(`/trace.html${query}`)).text();
    return LABELS.filter((label) => page.includes(`>${label}</a>`));
  }

  it('shows calls, registrations, subscriptions or checks alone, and else all', async () => {
    assert.deepEqual(await listed('?kind=calls'), ['INVITE 1']);
    assert.deepEqual(await listed('?kind=registrations'), ['REGISTER 1']);
    assert.deepEqual(await listed('?kind=subscriptions'), ['SUBSCRIBE 1']);
    assert.deepEqual(await listed('?kind=checks'), ['OPTIONS 1']);
    for (const other of ['', '?kind=all', '?kind=nonsense']) assert.deepEqual(await listed(other), LABELS);
  });

  it('says for whom each is: the account, or who asks whom', async () => {
    const app = new Hono<{ Bindings: HttpBindings }>();
    const text = (from: string, to: string): string =>
      `X sip:x SIP/2.0\r\nf: <sip:${from}>;tag=1\r\nTo: "A" <sip:${to}>\r\n\r\n`;
    const trace = () => [
      { ...message(1, 'INVITE 1'), text: text('2001@a.example', '200@a.example') },
      { ...message(2, 'REGISTER 1'), text: text('2001@a.example', '2001@a.example') },
      { ...message(3, 'OPTIONS 1'), text: text('2001@a.example', 'b.example') },
    ];
    mountWhyPages(app, { decisions: () => [], trace }, () => ({ role: 'viewer', csrf: '', panel: false }));
    const page = await (await app.request('/trace.html')).text();
    const cells = [...page.matchAll(/data-head="For">([^<]*)</g)].map(([, cell]) => cell);
    assert.deepEqual(cells, ['', '2001', '2001 → 200']);
  });

  it('says so where nothing of a kind is kept', async () => {
    const app = new Hono<{ Bindings: HttpBindings }>();
    mountWhyPages(app, { decisions: () => [], trace: () => [] }, () => ({ role: 'viewer', csrf: '', panel: false }));
    assert.match(await (await app.request('/trace.html?kind=calls')).text(), /Nothing of this kind is kept/);
    assert.match(await (await app.request('/timeline.html')).text(), /Nothing has been decided yet/);
  });
});

describe('the status page', () => {
  const target: TargetStatus = {
    ...{ target: 'udp:192.0.2.1:5060', via: null, server: 'primary', name: 'a.example', health: 'live', cause: null },
    ...{
      code: null,
      deadSince: null,
      retryAfter: null,
      probeable: true,
      nextProbeIn: null,
      hMs: 700,
      lastAnswerAge: 1,
    },
  };
  const shown = (more: Partial<PhoneStatus>): string =>
    sysinfoView(
      { mac: '00085D000001', sip: '192.0.2.9:5060' },
      {
        ...{ profile: 'modern', model: '57i', version: '1', uptime: 0, link: 'up' },
        ...{ lines: [], subscriptions: [], targets: [], dns: [], ...more },
      },
    ).html;

  it("says a server's health in the words of the front panel", () => {
    const healthOf = (more: Partial<TargetStatus>): string | undefined =>
      /data-head="Health">([^<]*)</.exec(shown({ targets: [{ ...target, ...more }] }))?.[1];
    assert.equal(healthOf({}), 'answers');
    assert.equal(healthOf({ health: 'unknown' }), 'not asked yet');
    assert.equal(healthOf({ health: 'dead', cause: 'refused' }), 'connection refused');
    assert.equal(healthOf({ health: 'dead' }), 'no answer');
    assert.equal(healthOf({ health: 'dead', cause: 'code', code: 503 }), 'answers 503');
  });

  it('says how long it is up in two units, and what there is none of', () => {
    for (const [uptime, words] of [
      [0, '0 s'],
      [59.6, '1 min 0 s'],
      [3_725, '1 h 2 min'],
      [200_000, '2 d 7 h'],
    ] as const)
      assert.match(shown({ uptime }), new RegExp(`<dt>Up for</dt><dd>${words}</dd>`));
    assert.match(shown({}), /No server is configured.*No name has been looked up.*00085D000001.*192\.0\.2\.9:5060/s);
  });
});
