/** Where each message of a call goes while DNS changes under it: to the very target of its request (RFC 3263 4; conformance A26). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineSettings, phoneSettings, server } from '../../support/settings.ts';
import { CallPeer, RINGS } from '../call-peer.ts';
import { World } from '../world.ts';
import { Zone } from '../zone.ts';

/** A proxy name of three servers, by priority, that lives for five seconds. */
class Three {
  readonly zone = new Zone();
  readonly peers = [1, 2, 3].map((n) => new CallPeer({ address: `192.0.2.${n}` }));
  readonly world: World;

  constructor() {
    for (const n of [1, 2, 3]) this.zone.a(`s${n}.test`, `192.0.2.${n}`);
    this.order([1, 2, 3]);
    const proxy = { primary: server('main.test', 0), backup: null };
    const lines = [lineSettings({ registrar: { primary: null, backup: null }, proxy })];
    this.world = new World({ settings: phoneSettings({ lines }), peers: this.peers, zone: this.zone });
    for (const peer of this.peers) peer.attach(this.world);
    this.world.start().run(100);
  }

  /** The servers by priority from now on. */
  order(numbers: readonly number[]): void {
    const name = '_sip._udp.main.test';
    this.zone.remove('SRV', name);
    for (const [priority, n] of numbers.entries()) this.zone.srv(name, `s${n}.test`, 5060, priority, { ttl: 5 });
  }

  /** The other order is known, and the call that is under way is older. */
  turn(): void {
    const asked = this.zone.asked.length;
    this.order([3, 2, 1]);
    this.world.run(6000);
    assert.ok(
      this.zone.asked.slice(asked).some((question) => question.startsWith('SRV')),
      'DNS was asked again',
    );
  }

  command(verb: 'dial' | 'hangup'): void {
    const command = verb === 'dial' ? ({ verb, target: '200', line: null } as const) : ({ verb, call: null } as const);
    this.world.input({ kind: 'command', id: 'x', command });
  }

  sent(): readonly string[] {
    return this.world
      .sent()
      .filter(({ message }) => message.method !== 'OPTIONS')
      .map(({ message, flow }) => `${message.method} ${flow}`);
  }
}

describe('a call by a name of three servers, whose order DNS turns round meanwhile', () => {
  it('is cancelled at the server where it rings', () => {
    const all = new Three();
    for (const peer of all.peers) peer.script = RINGS;
    all.command('dial');
    all.world.run(500);
    all.turn();
    all.command('hangup');
    all.world.run(1000);
    assert.deepEqual(
      all.sent(),
      ['INVITE', 'CANCEL', 'ACK'].map((method) => `${method} udp:192.0.2.1:5060`),
    );
  });

  it('that is refused is acknowledged at the server that refused it; the next call takes the new order', () => {
    const all = new Three();
    for (const peer of all.peers)
      peer.script = [
        [20, 180],
        [7000, 486],
      ];
    all.command('dial');
    all.world.run(500);
    all.turn();
    all.world.run(2000);
    assert.deepEqual(all.sent(), ['INVITE udp:192.0.2.1:5060', 'ACK udp:192.0.2.1:5060']);
    all.command('dial');
    all.world.run(500);
    assert.equal(all.sent().at(-1), 'INVITE udp:192.0.2.3:5060');
  });

  it('is repeated at the server that is silent, until the next one has its turn', () => {
    const all = new Three();
    const [first] = all.peers;
    if (first !== undefined) first.fault = 'silent';
    all.command('dial');
    all.order([3, 2, 1]);
    all.world.run(1400);
    assert.deepEqual([...new Set(all.sent())], ['INVITE udp:192.0.2.1:5060']);
    assert.equal(all.sent().length, 2);
    all.world.run(200);
    assert.deepEqual([...new Set(all.sent())], ['INVITE udp:192.0.2.1:5060', 'INVITE udp:192.0.2.2:5060']);
  });
});
