/** Which fault fits which server of the lab, and what it makes of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultKind } from '../../../../scripts/lab/faults.ts';
import { dnsMode, FAULTS, readOrder, registrarMode } from '../../../../scripts/lab/faults.ts';
import { HEALTHY, HONEST } from '../../../../scripts/lab/protocol.ts';

const KINDS = Object.keys(FAULTS) as readonly FaultKind[];
const argumentOf = (kind: FaultKind): string | undefined => (FAULTS[kind].argument === null ? undefined : '30');

describe('an order to the lab', () => {
  it('knows every kind of the stable interface', () => {
    assert.deepEqual(
      [...KINDS].sort(),
      ['500', '503', '503-retry', 'clear', 'freeze', 'kill', 'landing-page', 'nxdomain', 'servfail', 'silent', 'slow']
        .concat(['srv-gone', 'truncate', 'close', 'reset'])
        .sort(),
    );
  });

  it('is taken where the fault fits, and refused with the servers that it fits where it does not', () => {
    let refused = 0;
    for (const target of ['primary', 'backup', 'dns', 'callee'] as const)
      for (const kind of KINDS) {
        const order = readOrder(target, kind, argumentOf(kind));
        const fits: readonly string[] = FAULTS[kind].fits;
        assert.equal(order.ok, fits.includes(target), `${target} ${kind}`);
        if (order.ok) continue;
        refused += 1;
        assert.equal(order.error, `${kind} is no fault of ${target}: ${fits.join(', ')} only`);
      }
    assert.equal(refused, 2 * 5 + 5 + 7);
  });

  it('for an unknown target or kind lists those that there are', () => {
    const target = readOrder('pbx', 'kill', undefined);
    assert.equal(target.ok ? '' : target.error, 'target "pbx": primary, backup, dns, callee');
    const kind = readOrder('primary', 'toString', undefined);
    assert.match(kind.ok ? '' : kind.error, /^fault "toString": .*kill, freeze/);
  });

  it('has an argument exactly where one is needed', () => {
    assert.deepEqual(readOrder('primary', '503-retry', '30'), {
      ok: true,
      value: { target: 'primary', kind: '503-retry', argument: 30 },
    });
    for (const argument of [undefined, '', '-1', '1.5', 'soon', '1000000'])
      for (const kind of ['503-retry', 'slow']) assert.equal(readOrder('primary', kind, argument).ok, false, argument);
    const superfluous = readOrder('primary', '503', '30');
    assert.equal(superfluous.ok ? '' : superfluous.error, '503 takes no argument, but "30" was given');
  });
});

describe('faults that follow one another', () => {
  it('at a registrar: the last one holds, slowness stays beside it', () => {
    const retry = registrarMode(registrarMode(HEALTHY, 'slow', 70), '503-retry', 30);
    assert.deepEqual(retry, { silent: false, status: 503, retryAfterS: 30, delayMs: 70 });
    assert.deepEqual(registrarMode(retry, '503', 0), { ...retry, retryAfterS: null });
    assert.deepEqual(registrarMode(retry, '500', 0), { ...retry, status: 500, retryAfterS: null });
    assert.deepEqual(registrarMode(retry, 'silent', 0), { ...retry, silent: true, status: null, retryAfterS: null });
  });

  it('at DNS: the last one holds, slowness stays beside it', () => {
    assert.deepEqual(dnsMode(dnsMode(HONEST, 'slow', 70), 'servfail', 0), { fault: 'servfail', delayMs: 70 });
    assert.deepEqual(dnsMode({ fault: 'servfail', delayMs: 70 }, 'srv-gone', 0), { fault: 'srv-gone', delayMs: 70 });
  });
});
