/** Owns the evidence of decision 0001: why npm `sip` 0.0.6 serves in the lab and not inside the phone. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** A hang guard: what is measured takes about two seconds. */
const PATIENCE_MS = 120_000;

/** Runs a script in a process of its own, so that a frozen parser cannot freeze the tests; its last line is JSON. */
function inChild(script: string): unknown {
  const done = spawnSync(process.execPath, ['--input-type=commonjs', '-e', script], {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    cwd: process.cwd(),
  });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout.trim().split('\n').at(-1) ?? 'null');
}

describe('npm sip 0.0.6', () => {
  it('takes more than the square of the length for one address, so that a datagram holds it up', () => {
    // Processor time of one process, not the clock's: another busy process does not blur it.
    const times = inChild(`
      const sip = require('sip');
      const best = (length) => Math.min(...[1, 2, 3].map(() => {
        const start = process.cpuUsage();
        try { sip.parseAOR({ s: '<' + ' '.repeat(length), i: 0 }); } catch {}
        return process.cpuUsage(start).user;
      }));
      console.log(JSON.stringify([best(500), best(2000)]));
    `) as readonly [number, number];
    const ratio = times[1] / times[0];
    assert.ok(ratio > 24, `four times the length took ${ratio.toFixed(1)} times as long: the square would be 16`);
  });

  it('reads no IPv6 address', () => {
    assert.equal(
      inChild(`console.log(JSON.stringify(require('sip').parseUri('sip:a@[2001:db8::1]:5060') ?? null))`),
      null,
    );
  });

  it('answers a SHA-256 challenge with MD5', () => {
    const response = inChild(`
      const digest = require('sip/digest.js');
      console.log(JSON.stringify(digest.calculateDigest({ ha1: 'a', nonce: 'b', nc: '1', cnonce: 'c', qop: 'auth', method: 'REGISTER', uri: 'sip:x', algorithm: 'SHA-256' })));
    `);
    assert.equal(String(response).length, 32);
  });
});
