/** Who of the configured servers sent a packet, and whom a walk visits after one has failed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Transport } from '../../../../firmware/kernel/target.ts';
import type { Candidate } from '../../../../firmware/servers/selection.ts';
import { afterFailure, pairKey, senderAmong } from '../../../../firmware/servers/selection.ts';

function place(server: 'primary' | 'backup', address: string, port: number, transport: Transport = 'udp'): Candidate {
  const target = { address, port, transport, tlsName: null };
  return { server, setting: { name: address, port }, target, via: null, pair: `${server} ${address}:${port}`, rank: 0 };
}

describe('who sent a packet', () => {
  // One machine with two servers, as the lab is.
  const both = [place('primary', '192.0.2.1', 5060), place('backup', '192.0.2.1', 5070)];
  const sender = (port: number, address = '192.0.2.1', transport: Transport = 'udp') =>
    senderAmong(both, { address, port }, transport)?.server ?? null;

  it('is the server at this very endpoint, though another one shares its address', () => {
    assert.deepEqual([sender(5060), sender(5070)], ['primary', 'backup']);
  });

  it('is the first at the address where the port is none of theirs: a server may send from another one', () => {
    assert.equal(sender(40_000), 'primary');
  });

  it('is nobody of ours at another address or by another transport', () => {
    assert.deepEqual([sender(5060, '192.0.2.9'), sender(5060, '192.0.2.1', 'tcp')], [null, null]);
  });
});

/** Two hops before two servers; named `server/hop`. */
describe('a walk through outbound proxies goes on after the first has failed (rules 2, "Outbound proxy")', () => {
  const walk = (['primary', 'backup'] as const).flatMap((via, hop) =>
    (['primary', 'backup'] as const).map((server) => ({ ...place(server, `192.0.2.${10 + hop}`, 5060), via })),
  );
  const goesOn = (how: 'silent' | 'answered', visited = 1): readonly string[] => {
    const failed = walk[visited - 1] ?? assert.fail();
    return afterFailure(walk.slice(visited), failed, how).map(({ server, via }) => `${server}/${via}`);
  };

  it('by an answer: with the backup through the same hop, then through the other hop', () => {
    assert.deepEqual(goesOn('answered'), ['backup/primary', 'primary/backup', 'backup/backup']);
    assert.deepEqual(goesOn('answered', 2), ['primary/backup', 'backup/backup']);
  });

  it('by silence: the hop is passed over for both servers', () =>
    assert.deepEqual(goesOn('silent'), ['primary/backup', 'backup/backup']));
});

describe('what is remembered of a target (rules 4, "health")', () => {
  const { target } = place('primary', '192.0.2.1', 5060);
  const key = (via: 'primary' | null, name: string) => pairKey(target, via, { name, port: 0 });

  it('holds for every name that leads to it', () => assert.equal(key(null, 'one.test'), key(null, 'two.test')));

  it('is of one server alone where the target is a hop before several', () =>
    assert.notEqual(key('primary', 'one.test'), key('primary', 'two.test')));
});
