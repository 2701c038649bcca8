/** A real phone on a machine that has no file descriptor left for it (EMFILE): it serves on, and takes connections again afterwards. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { held, startAttacked } from './phone.ts';

/** Longer than the phone's own looks at name servers and leases, a probe and a renewal are apart, ms. */
const WITHOUT_MS = 20_000;
/** Hang guard, ms. */
const PATIENCE_MS = 60_000;
const USUAL = 1024;

const allow = (pid: number, descriptors: number): void =>
  void execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${descriptors}:`]);

it('a phone without a free descriptor serves on', async (context) => {
  const phone = await startAttacked({ lines: ['failover probe period: 5'] });
  context.after(phone.close);
  const page = `http://127.0.0.1:${phone.httpPort}/`;
  await (await fetch(page)).text();
  const calm = (await phone.gauge()).rss;
  const callers = Array.from({ length: 20 }, () => connect(phone.httpPort, '127.0.0.1').on('error', () => undefined));
  // What it gives back meanwhile is taken from it again.
  for (const end = performance.now() + WITHOUT_MS; performance.now() < end; await pause(100))
    allow(phone.pid, Math.min(...free(phone.pid)));
  assert.equal(await phone.state(), 'registered');
  assert.equal(phone.registrations().at(-1), 'registered primary');
  for (const caller of callers) caller.destroy();
  allow(phone.pid, USUAL);
  // The gauge needs a descriptor itself.
  context.diagnostic(held(await phone.gauge(), calm));
  const { status } = await fetch(page, { signal: AbortSignal.timeout(PATIENCE_MS) });
  assert.ok(status < 500, String(status));
});

/** Numbers that the next descriptors would have. */
function free(pid: number): readonly number[] {
  const taken = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  return Array.from({ length: taken.size + 1 }, (_, number) => number).filter((number) => !taken.has(number));
}
