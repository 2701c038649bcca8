/** A crowd in real time: phones of the shell in one process, with real sockets, through the three storms. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Site } from '../../../../scripts/many/real.ts';
import { runReal } from '../../../../scripts/many/real.ts';
import { labSite } from '../../../../scripts/many/sites.ts';
import { phoneSettings } from '../../../support/settings.ts';

const PHONES = 5;

describe('a crowd of real phones', () => {
  let site: Site;
  before(async () => {
    site = await labSite(PHONES);
  });
  after(() => site.stop());

  it('registers, is on the backup when the primary is killed, and home when it is back; each request is counted by its kind', async () => {
    const settings = phoneSettings({ failover: { probePeriodS: 1, jitterS: 0 } });
    const storms = await runReal({ phones: PHONES, settings, watchMs: 6000 }, site);
    assert.deepEqual(
      storms.map(({ storm, settled }) => [storm, settled]),
      [
        ['restart', PHONES],
        ['failover', PHONES],
        ['way home', PHONES],
      ],
    );
    const counts = storms.map(({ sent }) =>
      (['first', 'copy', 'repeat', 'remove'] as const).map((kind) => sent.filter((one) => one.kind === kind).length),
    );
    assert.deepEqual(counts, [
      [PHONES, 0, PHONES, 0],
      [PHONES, PHONES, PHONES, 0],
      [PHONES, 0, PHONES, PHONES],
    ]);
    assert.ok(storms.every(({ sent }) => sent.some(({ kind }) => kind === 'probe')));
  });
});
