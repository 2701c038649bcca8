/** A phone put together: what stands in its way is one clear line. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { compose } from '../../../boards/compose.ts';
import { parseRunArgs } from '../../../firmware/shell/args.ts';

describe('a phone put together', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-compose-'));
    await writeFile(join(folder, 'phone.cfg'), 'sip registrar ip: 127.0.0.1\nsip user name: 1\n');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('says which levels of the log there are where the environment names another', async () => {
    const args = parseRunArgs(['--config', join(folder, 'phone.cfg'), '--state', join(folder, 'state')], {});
    assert.ok(args.ok);
    const before = process.env['HOLDFAST_LOG'];
    process.env['HOLDFAST_LOG'] = 'loud';
    try {
      const composed = await compose(args.value, { panel: null });
      assert.ok(!composed.ok, 'nothing runs');
      assert.equal(composed.error, 'HOLDFAST_LOG: "loud" is not one of debug, info, warn, error, silent');
    } finally {
      if (before === undefined) delete process.env['HOLDFAST_LOG'];
      else process.env['HOLDFAST_LOG'] = before;
    }
  });
});
