/** Bindings for flows where `sip outbound support` is on (RFC 5626 4.1, 4.2, 6; conformance F14). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerValue } from '../../../firmware/sip/message/headers.ts';
import { phoneSettings } from '../../support/settings.ts';
import { SipPeer } from '../sip-peer.ts';
import { World } from '../world.ts';

interface Pair {
  readonly world: World;
  readonly primary: SipPeer;
  readonly backup: SipPeer;
}

function pair(outbound: boolean, mac = '00085D000001'): Pair {
  const primary = new SipPeer({ address: '192.0.2.1', challenge: false });
  const backup = new SipPeer({ address: '192.0.2.2', challenge: false });
  return {
    world: new World({ settings: phoneSettings({ outbound, mac }), peers: [primary, backup] }),
    primary,
    backup,
  };
}

const flowsOf = (peer: SipPeer): readonly string[] =>
  peer.registers().map(({ request }) => /;\+sip\.instance.*$/.exec(headerValue(request, 'Contact') ?? '')?.[0] ?? '');
const supported = (peer: SipPeer): string | null =>
  headerValue(peer.registers()[0]?.request ?? assert.fail(), 'Supported');

const INSTANCE = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-00085d000001>"';

describe('sip outbound support', () => {
  it('1: the phone names itself, the same at every start, and each server has a flow of its own', () => {
    for (let start = 0; start < 2; start += 1) {
      const { world, primary, backup } = pair(true);
      world.start().run(1000);
      world.kill(primary);
      world.until(() => world.registeredOn('backup'), 60_000);
      assert.deepEqual([...new Set(flowsOf(primary))], [`${INSTANCE};reg-id=1`]);
      assert.deepEqual([...new Set(flowsOf(backup))], [`${INSTANCE};reg-id=2`]);
      assert.equal(supported(primary), 'path, outbound');
    }
  });

  it('1: the way home takes back the flow that was made at the backup, by its number', () => {
    const { world, primary, backup } = pair(true);
    world.kill(primary);
    world.start().until(() => world.registeredOn('backup'), 60_000);
    primary.fault = 'none';
    world.until(() => world.registeredOn('primary'), 60_000);
    world.run(2000);
    const last = backup.registers().at(-1)?.request ?? assert.fail();
    assert.match(headerValue(last, 'Contact') ?? '', /;expires=0;\+sip\.instance=.*;reg-id=2$/);
  });

  it('439, the first hop lacks it: once more without, at once and from then on', () => {
    const { world, primary, backup } = pair(true);
    const strict = primary.answer.bind(primary);
    primary.answer = (request, now) => {
      if (!/reg-id/.test(headerValue(request, 'Contact') ?? '')) return strict(request, now);
      primary.status = 439;
      const refusal = strict(request, now);
      primary.status = null;
      return refusal;
    };
    world.start().until(() => world.registeredOn('primary'), 1000);
    assert.deepEqual(flowsOf(primary), [`${INSTANCE};reg-id=1`, '']);
    world.run(3600_000);
    assert.equal(flowsOf(primary).filter((flow) => flow !== '').length, 1);
    assert.equal(backup.registers().length, 0);
  });

  it('439 to a binding without a flow is a refusal like any other', () => {
    const { world, primary, backup } = pair(true);
    primary.status = 439;
    world.start().run(5000);
    assert.equal(world.registrar().state, 'rejected');
    assert.equal(primary.registers().length, 2);
    assert.equal(backup.registers().length, 0);
  });

  it('0: nothing of it is on the wire', () => {
    const { world, primary } = pair(false);
    world.start().run(1000);
    assert.deepEqual([flowsOf(primary), supported(primary)], [[''], 'path']);
  });
});
