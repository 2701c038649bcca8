/** The renewal finds a dead primary: no probes, short bindings; each way to fail, and the way home at a later renewal. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { startRegistrar } from './support/servers.ts';
import type { Stage } from './support/stage.ts';
import { FAULTS, H_MS, openStage, START_MS } from './support/stage.ts';

const EXPIRES_S = 12;
/** rules 4: with a request in hand and one silent target; a loaded host may take three times as long. */
const SILENT_MS = 3 * (H_MS + 1000);
/** A refusal is noticed at once: well before silence would have been. */
const REFUSED_MS = H_MS / 2;
/** Two renewals, on a loaded host. */
const RENEWALS_MS = START_MS + 2 * EXPIRES_S * 1000;

const PARAMETERS = ['failover probe period: 0', `sip registration period: ${EXPIRES_S}`];

let stage: Stage;

describe('a renewal finds the primary dead', () => {
  before(() => {
    stage = openStage({ registrar: (node, folder) => startRegistrar(node, folder, { expiresS: EXPIRES_S }) });
  });
  after(() => stage.close());
  afterEach(() => stage.stopPhone());

  for (const name of FAULTS) {
    it(`primary ${name}: the renewal moves to the backup in time, a later renewal comes home`, async (t) => {
      const { begin, end } = stage.fault(name);
      const { events } = stage.startPhone(PARAMETERS);
      await stage.onServer('primary', START_MS);
      const past = events.length;
      await begin();
      try {
        await stage.onServer('backup', RENEWALS_MS);
      } finally {
        await end();
      }
      const asked = events.slice(past).find(({ event, method }) => event === 'attempt' && method === 'REGISTER');
      const bound = events.slice(past).find(({ event, server }) => event === 'registration' && server === 'backup');
      assert.ok(asked !== undefined && bound !== undefined);
      assert.equal(asked.server, 'primary', 'a renewal asks the primary first');
      const took = bound.t - asked.t;
      t.diagnostic(`the renewal was answered by the backup ${took} ms after it left`);
      assert.ok(took <= (name === 'killed' ? REFUSED_MS : SILENT_MS), `${took} ms`);
      await stage.onServer('primary', RENEWALS_MS);
    });
  }
});
