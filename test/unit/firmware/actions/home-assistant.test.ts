/** What Home Assistant learns of a phone: its entities, its state, and nothing that a broker's readers need not know. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Calls } from '../../../../firmware/actions/home-assistant.ts';
import { callsAfter, discovery, state } from '../../../../firmware/actions/home-assistant.ts';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import type { LineStatus, PhoneStatus, RoleStatus } from '../../../../firmware/status.ts';

const WHO = { mac: '00085D000001', model: '57i', version: '1', topic: 'holdfast', discovery: 'homeassistant' };
const REGISTRAR: RoleStatus = {
  ...{ state: 'registered', server: 'backup', target: 'udp:192.0.2.2:5060', since: 1, expiresIn: 60, code: 200 },
  ...{ retryIn: null, switching: false, reason: 'x', lists: { primary: [], backup: [] } },
};
const line = (number: number, over: Partial<LineStatus> = {}): LineStatus => ({
  ...{ line: number, aor: 'sip:2001@pbx.test', screenName: 'Desk', userName: '2001' },
  ...{ registrar: REGISTRAR, messages: null, proxy: null },
  ...over,
});
const status = (lines: readonly LineStatus[]): PhoneStatus => ({
  ...{ profile: 'modern', model: '57i', version: '1', uptime: 1, link: 'up', lines },
  ...{ subscriptions: [], targets: [], dns: [] },
});
const call = (over: object): PhoneEvent =>
  ({ event: 'call', id: 'a', line: 1, direction: 'in', peer: 'sip:4711@x', state: 'ringing', ...over }) as PhoneEvent;

describe('what Home Assistant learns', () => {
  it('four entities of each line and two of the phone, each with an id of its own, its value and whether the phone is there', () => {
    const told = discovery(WHO, status([line(2)])).filter(({ payload }) => payload !== '');
    assert.equal(told.length, 6);
    const configs = told.map(({ payload }) => JSON.parse(payload) as Record<string, string>);
    assert.equal(new Set(configs.map(({ unique_id: id }) => id)).size, 6);
    assert.ok(configs.every(({ availability_topic: topic }) => topic === 'holdfast/00085D000001/status'));
    assert.ok(
      told.some(({ topic }) => topic === 'homeassistant/binary_sensor/holdfast_00085D000001/line2_registered/config'),
    );
    const values = JSON.parse(state(WHO, status([line(2)]), new Map()).payload) as Record<
      string,
      Record<string, string>
    >;
    for (const { value_template: template = '' } of configs) {
      const [, path = ''] = /^\{\{ value_json\.([\w.]+) \}\}$/.exec(template) ?? [];
      const value = path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], values);
      assert.notEqual(value, undefined, `${path} is in the state`);
    }
  });

  it('what was told of a line that is gone is taken back', () => {
    const gone = discovery(WHO, status([line(2)])).filter(({ payload }) => payload === '');
    assert.equal(gone.length, 8 * 4);
    assert.ok(gone.every(({ topic }) => !topic.includes('line2_')));
  });

  it('the state follows registration, calls and messages, and names no address, number or name', () => {
    let calls: Calls = callsAfter(new Map(), call({}));
    const messages = { waiting: true, new: 3, old: 0 };
    const text = state(WHO, status([line(1, { messages })]), calls).payload;
    assert.deepEqual(JSON.parse(text), {
      ...{ link: 'ON', backup: 'ON' },
      line1: { registered: 'ON', server: 'backup', call: 'ringing', messages: 3 },
    });
    assert.doesNotMatch(text, /4711|192\.0|2001|pbx|Desk/);
    calls = callsAfter(callsAfter(calls, call({ state: 'connected' })), call({ id: 'b', state: 'ended' }));
    assert.match(state(WHO, status([line(1)]), calls).payload, /"call":"connected"/);
    calls = callsAfter(calls, call({ state: 'ended' }));
    const off = state(WHO, status([line(1, { registrar: null })]), calls).payload;
    assert.match(off, /"backup":"OFF","line1":\{"registered":"OFF","server":"none","call":"idle"/);
  });
});
