/** Lamps behind outbound proxies (rules 2 "Outbound proxy", 3.2): asked for by one hop after the other, refreshed the way they came, moved and brought home. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { phoneSettings, server } from '../../support/settings.ts';
import { Notifier } from '../notifier.ts';
import { SipRelay } from '../sip-relay.ts';
import { LINE, watchKey } from '../watch-desk.ts';
import { World } from '../world.ts';

const NEAR = '192.0.2.11';
const FAR = '192.0.2.12';

/** Two proxies in front of two servers that keep presence, and a key that watches 2002. */
function behindProxies() {
  const outboundProxy = { primary: server(NEAR, 5060), backup: server(FAR, 5060) };
  const settings = phoneSettings({ lines: [{ ...LINE, outboundProxy }], keys: [watchKey('2002')] });
  let made: World | null = null;
  const there = (): World => made as World;
  const primary = new Notifier('192.0.2.1', there);
  const backup = new Notifier('192.0.2.2', there);
  backup.states = primary.states;
  const behind = { [primary.address]: [primary], [backup.address]: [backup] };
  const near = new SipRelay({ address: NEAR, behind, whenDead: 503 });
  const far = new SipRelay({ address: FAR, behind, whenDead: 503 });
  const world = new World({ settings, peers: [primary, backup, near, far], panel: true });
  made = world;
  for (const peer of [primary, backup]) peer.attach(world);
  world.start().run(1000);
  const lamp = (): string => world.eventsOf('lamp').findLast(({ name }) => name === 'softkey1')?.state ?? 'off';
  const place = (): string => {
    const { state, server: at, target } = world.status().subscriptions[0] ?? assert.fail('nothing is watched');
    return `${state} ${at} by ${target?.replace(/^udp:|:5060$/g, '')}`;
  };
  return { world, primary, backup, near, far, lamp, place };
}

/** The server tells of a call, by whatever way it has. */
function lights({ world, primary, backup, lamp }: ReturnType<typeof behindProxies>): void {
  for (const state of ['busy', 'ringing'] as const) {
    for (const peer of [primary, backup]) peer.set('2002', state);
    world.run(100);
    assert.equal(lamp(), state === 'busy' ? 'on' : 'fast-flash');
  }
}

describe('a lamp behind outbound proxies', () => {
  it('is asked for by the first, lit by it, and refreshed by it in its dialog', () => {
    const desk = behindProxies();
    const { world, primary } = desk;
    assert.equal(desk.place(), `active primary by ${NEAR}`);
    lights(desk);
    const since = world.now;
    world.run(3_600_000);
    const refresh = world.sent('SUBSCRIBE').find(({ at }) => at > since) ?? assert.fail('it was not refreshed');
    assert.match(headerValue(refresh.message, 'To') ?? '', /;tag=/);
    assert.equal(refresh.flow, `udp:${NEAR}:5060`);
    assert.equal(headerValue(refresh.message, 'Route'), `<sip:${NEAR}:5060;lr>`);
    assert.equal(refresh.message.uri, `sip:${primary.address}:5060`);
    assert.equal(primary.subscribers.length, 1);
    lights(desk);
  });

  it('goes to the same server by the second where the first is dead, and comes back to the first', () => {
    const desk = behindProxies();
    desk.near.fault = 'silent';
    desk.world.run(30_000);
    assert.equal(desk.place(), `active primary by ${FAR}`);
    lights(desk);
    desk.near.fault = 'none';
    desk.world.run(30_000);
    assert.equal(desk.place(), `active primary by ${NEAR}`);
    lights(desk);
  });

  it('goes to the backup by the same proxy where the server behind it is dead, and home when it is back', () => {
    const desk = behindProxies();
    desk.primary.fault = 'silent';
    desk.world.run(30_000);
    assert.equal(desk.place(), `active backup by ${NEAR}`);
    lights(desk);
    desk.primary.fault = 'none';
    desk.world.run(60_000);
    assert.equal(desk.place(), `active primary by ${NEAR}`);
    lights(desk);
    assert.equal(desk.backup.subscribers.length, 0);
  });
});
