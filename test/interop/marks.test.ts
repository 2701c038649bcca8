/** What `holdfast dscp` prints is loaded, and every SIP packet of the phone bears the mark on the wire (conformance E18). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ADDRESSES, loadRules } from './support/network.ts';
import type { Running } from './support/process.ts';
import { runIn, until } from './support/process.ts';
import type { Stage } from './support/stage.ts';
import { openStage, START_MS } from './support/stage.ts';

const CLI = fileURLToPath(new URL('../../scripts/holdfast.mjs', import.meta.url));
const DSCP = 40;

let stage: Stage;
let folder = '';

/** The octet that holds the DSCP, of each packet that the phone sends to SIP servers. */
function marks(): { readonly running: Running; readonly octets: string[] } {
  const running = runIn('phone', 'tcpdump', [
    ...['-l', '-n', '-v', '--immediate-mode', '-i', 'eth0'],
    `src host ${ADDRESSES.phone} and port 5060`,
  ]);
  const octets: string[] = [];
  running.child.stdout?.on('data', (chunk: Buffer) => {
    for (const [, octet = ''] of chunk.toString().matchAll(/\(tos (0x[0-9a-f]+)/g)) octets.push(octet);
  });
  return { running, octets };
}

describe('signalling is marked', () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-marks-'));
    stage = openStage();
    const file = join(folder, 'marks.cfg');
    writeFileSync(file, `sip user name: 2001\ntos sip: ${DSCP}\n`);
    loadRules('phone', execFileSync(process.execPath, [CLI, 'dscp', file], { encoding: 'utf8' }));
  });
  after(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => stage.stopPhone());

  for (const [transport, what] of [
    [1, 'UDP'],
    [2, 'TCP'],
  ] as const)
    it(`over ${what}: every packet`, async () => {
      const seen = marks();
      await until('tcpdump listens', () => /listening on/.test(seen.running.errors()), START_MS);
      stage.startPhone([`sip transport protocol: ${transport}`, 'failover probe period: 5']);
      await stage.onServer('primary', START_MS);
      await until('packets', () => seen.octets.length >= 3, START_MS);
      await seen.running.kill();
      assert.deepEqual([...new Set(seen.octets)], [`0x${(DSCP * 4).toString(16)}`]);
    });
});
