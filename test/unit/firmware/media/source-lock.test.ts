/** Whose packets are heard (J8). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SourceLock } from '../../../../firmware/media/source-lock.ts';
import { createSourceLock } from '../../../../firmware/media/source-lock.ts';

const DESCRIBED = { address: '192.0.2.1', port: 4000 };
const NAT = { address: '203.0.113.9', port: 61_000 };
const STRANGER = { address: '198.51.100.66', port: 4000 };

/** So many packets in a row of one source; what the last one met. */
function sends(lock: SourceLock, from: typeof NAT, ssrc: number, sequences: readonly number[]): boolean {
  return sequences.map((sequence) => lock.accepts(from, { ssrc, sequence })).at(-1) ?? false;
}

describe('a source lock', () => {
  it('hears the described address from its second packet in a row on', () => {
    const lock = createSourceLock(DESCRIBED);
    assert.equal(sends(lock, DESCRIBED, 1, [10]), false);
    assert.equal(sends(lock, DESCRIBED, 1, [11]), true);
    assert.equal(sends(lock, DESCRIBED, 1, [9]), true, "once locked, order is the buffer's");
  });

  it('sends to the described address until somebody is heard, then there (RFC 4961)', () => {
    const lock = createSourceLock(DESCRIBED);
    assert.deepEqual(lock.to, DESCRIBED);
    sends(lock, NAT, 1, [1, 2]);
    assert.deepEqual(lock.to, NAT);
  });

  it('hears nobody else once it is locked, however long the other speaks', () => {
    const lock = createSourceLock(DESCRIBED);
    sends(lock, DESCRIBED, 1, [1, 2]);
    assert.equal(sends(lock, STRANGER, 2, [1, 2, 3, 4, 5]), false);
    assert.equal(sends(lock, STRANGER, 1, [3, 4, 5]), false, 'nor with the number of who is heard');
    assert.deepEqual(lock.to, DESCRIBED);
  });

  it('gives the described address the place of whoever was merely first', () => {
    const lock = createSourceLock(DESCRIBED);
    assert.equal(sends(lock, STRANGER, 2, [1, 2]), true);
    assert.equal(sends(lock, DESCRIBED, 1, [1, 2]), true);
    assert.equal(sends(lock, STRANGER, 2, [3, 4]), false);
  });

  it('takes two packets for a row across the wrap and over a small loss, and not otherwise', () => {
    const rows: readonly (readonly [readonly number[], boolean])[] = [
      [[0xffff, 0], true],
      [[1, 6], true],
      [[1, 7], false],
      [[1, 1], false],
      [[2, 1], false],
      [[1, 30_000, 5, 60_000], false],
    ];
    for (const [sequences, heard] of rows)
      assert.equal(sends(createSourceLock(DESCRIBED), NAT, 1, sequences), heard, sequences.join(' '));
  });

  it('lets the far side begin anew with another number, after two packets', () => {
    const lock = createSourceLock(DESCRIBED);
    sends(lock, DESCRIBED, 1, [1, 2]);
    assert.equal(sends(lock, DESCRIBED, 9, [50]), false);
    assert.equal(sends(lock, DESCRIBED, 9, [51]), true);
  });

  it('is not kept from the described address by a flood of strangers', () => {
    const lock = createSourceLock(DESCRIBED);
    sends(lock, DESCRIBED, 1, [1]);
    for (let port = 1; port <= 1000; port += 1) lock.accepts({ ...STRANGER, port }, { ssrc: port, sequence: 7 });
    assert.equal(sends(lock, DESCRIBED, 1, [2]), true);
  });

  it('believes reports of the host that is heard alone', () => {
    const lock = createSourceLock(DESCRIBED);
    assert.equal(lock.believes({ ...DESCRIBED, port: 4001 }), true);
    assert.equal(lock.believes(STRANGER), false);
    sends(lock, NAT, 1, [1, 2]);
    assert.equal(lock.believes({ ...NAT, port: 61_001 }), true);
    assert.equal(lock.believes(DESCRIBED), false);
  });
});
