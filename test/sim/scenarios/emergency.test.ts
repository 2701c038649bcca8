/** Emergency numbers: every server of every line, with the shortest waits, whatever is known of them (rules 3.8). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { ANSWERS, CallPeer, RINGS } from '../call-peer.ts';
import { World } from '../world.ts';

const address = (index: number): string => `192.0.2.${index}`;
const NONE = { primary: null, backup: null };
const line = (number: number, first: number) =>
  lineSettings({
    ...{ line: number, userName: `200${number}`, authName: `200${number}`, registrar: NONE },
    proxy: { primary: server(address(first), 5060), backup: server(address(first + 1), 5060) },
  });

/** Two lines of two proxies each: 1 and 2, 3 and 4. */
function site(profile: 'modern' | 'r2.0' | 'r2.1' = 'modern', lines = [line(1, 1), line(2, 3)]) {
  const { failover } = phoneSettings();
  const peers = [1, 2, 3, 4].map((index) => new CallPeer({ address: address(index) }));
  const world = new World({ settings: phoneSettings({ lines, failover: { ...failover, profile } }), peers });
  for (const peer of peers) peer.attach(world);
  world.start().run(10);
  const dial = (target: string): void =>
    world.input({ kind: 'command', id: 'x', command: { verb: 'dial', target, line: null } });
  const asked = (): readonly string[] =>
    world
      .eventsOf('attempt')
      .flatMap(({ method, target }) => (method === 'INVITE' ? [target.slice('udp:192.0.2.'.length, -5)] : []));
  return { world, peers, dial, asked, last: () => world.eventsOf('call').at(-1) };
}

describe('an emergency call', () => {
  for (const profile of ['modern', 'r2.0', 'r2.1'] as const)
    it(`asks each server of each line within 700 ms of the one before (${profile})`, () => {
      const all = site(profile);
      for (const peer of all.peers.slice(0, 3)) peer.fault = 'silent';
      all.dial('112');
      all.world.run(2200);
      assert.deepEqual(all.asked(), ['1', '2', '3', '4']);
      all.world.run(600);
      assert.equal(all.last()?.state, 'connected');
      const invite = all.peers[3]?.callees[0]?.invite ?? assert.fail();
      assert.match(headerValue(invite, 'From') ?? '', /<sip:2002@192\.0\.2\.4:5060>/);
    });

  it('an ordinary number stays with its line', () => {
    const all = site();
    for (const peer of all.peers) peer.script = [[5, 503]];
    all.dial('200');
    all.world.run(5000);
    assert.deepEqual(all.asked(), ['1', '2']);
  });

  for (const [code, asked] of [
    [403, ['1', '2', '3', '4']],
    [404, ['1', '2', '3', '4']],
    [500, ['1', '2', '3', '4']],
    [604, ['1', '2', '3', '4']],
    [486, ['1']],
    [600, ['1']],
    [603, ['1']],
  ] as const)
    it(`is refused with ${code}: asks ${asked.join(', ')}`, () => {
      const all = site();
      for (const peer of all.peers) peer.script = [[5, code]];
      all.dial('112');
      all.world.run(3000);
      assert.deepEqual(all.asked(), asked);
    });

  it('a Retry-After keeps nobody from being asked', () => {
    const all = site();
    const [first] = all.peers;
    if (first === undefined) return assert.fail();
    first.script = [[5, 503]];
    first.extra = [{ name: 'Retry-After', value: '120' }];
    all.dial('200');
    all.world.run(2000);
    all.world.input({ kind: 'command', id: 'y', command: { verb: 'hangup', call: null } });
    all.world.run(1000);
    const before = all.asked().length;
    first.script = ANSWERS;
    all.dial('112');
    all.world.run(1000);
    assert.deepEqual(all.asked().slice(before), ['1']);
  });

  it('servers that two lines share are asked once', () => {
    const all = site('modern', [line(1, 1), line(2, 1)]);
    for (const peer of all.peers) peer.script = [[5, 403]];
    all.dial('112');
    all.world.run(3000);
    assert.deepEqual(all.asked(), ['1', '2']);
  });

  it('goes through the other line where the first has no proxy', () => {
    const all = site('modern', [{ ...line(1, 1), proxy: NONE }, line(2, 3)]);
    all.dial('112');
    all.world.run(1000);
    assert.deepEqual([all.asked(), all.last()?.state], [['3'], 'connected']);
  });

  it('has one winner: nobody else rings on', () => {
    const all = site();
    const [first, second] = all.peers;
    if (first === undefined || second === undefined) return assert.fail();
    first.script = [[900, 180]];
    second.script = RINGS;
    all.dial('112');
    all.world.run(3000);
    assert.deepEqual([first.busy, second.busy], [0, 1]);
  });

  it('is made although as many calls as there may be are there', () => {
    const all = site();
    for (let index = 0; index < 20; index += 1) all.dial(`20${index}`);
    all.world.run(1000);
    assert.match(all.world.eventsOf('result').at(-1)?.error ?? '', /calls are there already/);
    all.dial('112');
    assert.equal(all.world.eventsOf('result').at(-1)?.ok, true);
  });
});
