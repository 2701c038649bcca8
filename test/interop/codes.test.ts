/** SIPp in the primary's place answers as no healthy registrar does: what moves the phone on, and what does not. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ADDRESSES } from './support/network.ts';
import { sippAnswer, sippPause, startRegistrar, startSipp } from './support/servers.ts';
import type { Stage } from './support/stage.ts';
import { H_MS, openStage, START_MS } from './support/stage.ts';
import { answered, asked } from './support/wire.ts';

const EXPIRES_S = 12;
/** An answer moves the phone on at once: well before silence would have. */
const ANSWERED_MS = H_MS / 2;
const RENEWAL_MS = START_MS + EXPIRES_S * 1000;
const BOUND = ['[last_Contact:]', 'Expires: 30'];

const PARAMETERS = ['failover probe period: 0', `sip registration period: ${EXPIRES_S}`];

let stage: Stage;

/** The primary with these steps for each REGISTER, and a phone that starts. */
async function startAt(...steps: readonly string[]) {
  await stage.setPrimary((folder) => startSipp(folder, steps));
  return stage.startPhone(PARAMETERS);
}

/** Ms between the first REGISTER to the primary and the answer of the backup to its own, by packets. */
async function movedIn(since: number): Promise<number> {
  const first = await stage.packet(since, asked(ADDRESSES.primary));
  return (await stage.packet(first, answered(ADDRESSES.backup))) - first;
}

describe('SIPp in the place of the primary registrar', () => {
  before(() => {
    stage = openStage({ registrar: (node, folder) => startRegistrar(node, folder, { expiresS: EXPIRES_S }) });
  });
  after(() => stage.close());
  afterEach(() => stage.stopPhone());

  for (const status of ['503 Service Unavailable', '500 Server Internal Error', '504 Server Time-out'])
    it(`${status}: the backup has the phone at once, each renewal asks the primary first`, async (t) => {
      const since = Date.now();
      const { events } = await startAt(sippAnswer(status));
      await stage.onServer('backup', START_MS);
      const took = await movedIn(since);
      t.diagnostic(`the backup answered ${Math.round(took)} ms after the first REGISTER`);
      assert.ok(took <= ANSWERED_MS, `${took} ms`);
      const past = events.length;
      await stage.event(
        'a renewal',
        ({ event, method }) => event === 'attempt' && method === 'REGISTER',
        RENEWAL_MS,
        past,
      );
      assert.equal(stage.walked(past)[0], 'primary');
    });

  it('503 with Retry-After: while it runs the renewal begins at the backup', async () => {
    const { events } = await startAt(sippAnswer('503 Service Unavailable', ['Retry-After: 120']));
    await stage.onServer('backup', START_MS);
    const past = events.length;
    await stage.event(
      'a renewal',
      ({ event, method }) => event === 'attempt' && method === 'REGISTER',
      RENEWAL_MS,
      past,
    );
    assert.equal(stage.walked(past)[0], 'backup');
  });

  it('silence: the backup has the phone after the hedge', async (t) => {
    const since = Date.now();
    await startAt();
    await stage.onServer('backup', START_MS);
    const took = await movedIn(since);
    t.diagnostic(`the backup answered ${Math.round(took)} ms after the first REGISTER`);
    assert.ok(took >= H_MS / 2 && took <= 3 * (H_MS + 1000), `${took} ms`);
  });

  it('an answer that is slow, yet within the hedge: the backup is not asked', async () => {
    const since = Date.now();
    await startAt(sippPause(400), sippAnswer('200 OK', BOUND));
    await stage.onServer('primary', START_MS);
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
  });

  it('an answer that comes after the hedge is the return: the binding at the backup is removed', async () => {
    const { events } = await startAt(sippPause(2 * H_MS), sippAnswer('200 OK', BOUND));
    await stage.event(
      'bound at the backup',
      ({ event, server }) => event === 'registration' && server === 'backup',
      START_MS,
    );
    await stage.onServer('primary', START_MS);
    await stage.event('removed', ({ event, server }) => event === 'unregistered' && server === 'backup', START_MS);
    assert.ok(events.some(({ event, server }) => event === 'registration' && server === 'primary'));
  });

  it('403 is an answer, not an outage: the backup is not asked', async () => {
    const since = Date.now();
    await startAt(sippAnswer('403 Forbidden'));
    await stage.event('refused', ({ event, state }) => event === 'registration' && state === 'rejected', START_MS);
    assert.equal(stage.registersTo(ADDRESSES.backup, since), 0);
  });
});
