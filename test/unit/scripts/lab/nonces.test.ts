/** The nonces of the lab's registrars. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNonces } from '../../../../scripts/lab/nonces.ts';

const LIFE_S = 300;
const NOW = 1_700_000_000_000;

describe('a nonce of the lab', () => {
  it('is its own server, young and counted upwards: good', () => {
    const nonces = createNonces(LIFE_S);
    const nonce = nonces.issue(NOW);
    assert.equal(nonces.judge(nonce, '00000001', NOW), 'own');
    assert.equal(nonces.judge(nonce, '00000002', NOW + LIFE_S * 1000), 'own');
    assert.equal(nonces.judge(nonce, '0000000f', NOW), 'own');
    assert.equal(nonces.judge(nonce, '00000010', NOW), 'own');
  });

  it('with a count that was used, or with none that can be read, is old', () => {
    const nonces = createNonces(LIFE_S);
    const nonce = nonces.issue(NOW);
    assert.equal(nonces.judge(nonce, '00000005', NOW), 'own');
    assert.deepEqual(
      ['00000005', '00000004', 'zz'].map((count) => nonces.judge(nonce, count, NOW)),
      ['old', 'old', 'old'],
    );
    assert.equal(nonces.judge(nonces.issue(NOW), '00000001', NOW), 'own', 'each nonce has its own count');
  });

  it('without quality of protection has no count', () => {
    const nonces = createNonces(LIFE_S);
    const nonce = nonces.issue(NOW);
    assert.deepEqual([nonces.judge(nonce, '', NOW), nonces.judge(nonce, '', NOW)], ['own', 'own']);
  });

  it('is old when its time is over, and stays so when later ones are issued', () => {
    const nonces = createNonces(LIFE_S);
    const nonce = nonces.issue(NOW);
    assert.equal(nonces.judge(nonce, '00000001', NOW), 'own');
    const later = NOW + LIFE_S * 1000 + 1;
    nonces.issue(later);
    assert.equal(nonces.judge(nonce, '00000002', later), 'old');
  });

  it('of another process, or changed by one sign, is foreign', () => {
    const nonces = createNonces(LIFE_S);
    const nonce = nonces.issue(NOW);
    const changed = nonce.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const younger = nonce.replace(/^[^.]*/, (NOW + 1).toString(36));
    for (const foreign of [createNonces(LIFE_S).issue(NOW), changed, younger, '', 'x.y.z'])
      assert.equal(nonces.judge(foreign, '00000001', NOW), 'foreign', foreign);
  });
});
