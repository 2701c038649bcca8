/** Owns that a recording runs again with the same effects, and that another phone is found out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seedFrom } from '../../../firmware/kernel/random.ts';
import { millis } from '../../../firmware/kernel/time.ts';
import { createPhone } from '../../../firmware/phone.ts';
import { hash } from '../../../firmware/shell/digest.ts';
import { createRecorder } from '../../../firmware/shell/recorder.ts';
import type { Input } from '../../../firmware/vocabulary.ts';
import { replay } from '../../../scripts/replay.ts';
import { phoneSettings } from '../../support/settings.ts';

function recording(seed: number | null): string {
  const settings = phoneSettings();
  const phone = createPhone({ settings, seed: seedFrom(seed ?? 1), hash, version: 'test', panel: false });
  const recorder = createRecorder(null);
  recorder.phone('test', settings, seed === null ? null : seedFrom(seed));
  const inputs: readonly (readonly [number, Input])[] = [
    [0, { kind: 'start', wallMs: null, unclean: false, nameServers: [], hosts: {}, stored: {} }],
    [1.25, { kind: 'opened', flow: 'udp:192.0.2.1:5060', local: { address: '192.0.2.100', port: 5060 } }],
    [501.25, { kind: 'wake' }],
    [1501.25, { kind: 'wake' }],
    [1502, { kind: 'opened', flow: 'udp:192.0.2.2:5060', local: { address: '192.0.2.100', port: 5060 } }],
  ];
  for (const [now, input] of inputs) recorder.step(now, input, phone.step(input, millis(now)));
  return recorder.dump();
}

describe('replay', () => {
  it('gives the same effects at every step', () => {
    assert.deepEqual(replay(recording(7)), { steps: 5, difference: null });
  });

  it('names the first step that differs', () => {
    const { difference } = replay(recording(7).replace('z9hG4bK', 'z9hG4bKx'));
    assert.match(difference ?? '', /^step 2 \(opened at 1 ms\)/);
  });

  it('says that a secret seed cannot be replayed', () => {
    assert.throws(() => replay(recording(null)), /--seed N/);
  });

  it('holds no password', () => {
    assert.doesNotMatch(recording(7), /secret-2001/);
  });
});
