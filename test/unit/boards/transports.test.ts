/** A whole phone at the lab over TCP and TLS, on real sockets: it registers, survives breaks, and trusts whom it was told to (E11-E15). */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Composed } from '../../../boards/compose.ts';
import { compose } from '../../../boards/compose.ts';
import { parseRunArgs } from '../../../firmware/shell/args.ts';
import { createAuthority } from '../../../scripts/lab/certificates.ts';
import type { Lab, LabTransport } from '../../../scripts/lab/lab.ts';
import { startLab } from '../../../scripts/lab/lab.ts';
import { folders } from '../../support/folder.ts';

/** Hang guard, ms. */
const PATIENCE_MS = 60_000;
const folder = folders();
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function labOver(transport: LabTransport): Promise<Lab> {
  const lab = await startLab({
    transport,
    accounts: 1,
    extraConfig: ['failover probe period: 5', 'failover jitter: 0'],
  });
  cleanUps.push(() => lab.stop());
  return lab;
}

async function phoneAt(lab: Lab, config = lab.info().config): Promise<Composed> {
  const place = ['--config', config, '--state', await folder(), '--board', 'headless'];
  const args = parseRunArgs([...place, '--dns', lab.info().dns, '--bind', '127.0.0.1'], {});
  assert.ok(args.ok);
  const composed = await compose(args.value, { panel: null, logLevel: 'silent' });
  assert.ok(composed.ok);
  cleanUps.push(() => composed.value.phone.stop());
  return composed.value;
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(10))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
}

const role = ({ phone }: Composed) => phone.host.status().lines[0]?.registrar;
const isOn = (phone: Composed, server: string) => (): boolean =>
  role(phone)?.state === 'registered' && role(phone)?.server === server;

for (const transport of ['tcp', 'tls'] as const)
  describe(`a phone at the lab over ${transport.toUpperCase()}`, () => {
    it('registers over it alone, and again at once when its connection is reset, and is on the backup when the server is gone', async () => {
      const lab = await labOver(transport);
      const phone = await phoneAt(lab);
      await until('registered', isOn(phone, 'primary'));
      const registers = (): number => lab.requests().filter(({ method }) => method === 'REGISTER').length;
      const before = registers();
      assert.equal((await lab.fault('primary', 'reset')).ok, true);
      await until('registered anew', () => registers() > before && isOn(phone, 'primary')());
      // Longer than the phone bears with the next loss: the second one is noticed at once, too.
      await pause(2100);
      assert.equal((await lab.fault('primary', 'kill')).ok, true);
      await until('on the backup', isOn(phone, 'backup'));
      for (const { from } of lab.requests()) assert.match(from, new RegExp(`^${transport}:`));
    });
  });

describe('a phone whose authorities do not vouch for the server', () => {
  it('sends it nothing, says why, and never falls back to what is in clear', async () => {
    const lab = await labOver('tls');
    const other = join(await folder(), 'phone.cfg');
    await writeFile(join(other, '..', 'other.pem'), createAuthority('Somebody else').certificate);
    const text = await readFile(lab.info().config, 'utf8');
    await writeFile(other, text.replace('lab-authority.pem', 'other.pem'));
    const phone = await phoneAt(lab, other);
    await until('given up', () => role(phone)?.state === 'waiting');
    assert.match(role(phone)?.reason ?? '', /certificate not accepted/);
    assert.deepEqual(lab.requests(), []);
  });
});
