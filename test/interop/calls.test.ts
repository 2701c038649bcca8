/** Calls with SIPp at the other end, both ways: flows in the shapes of RFC 3665 3. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { ADDRESSES } from './support/network.ts';
import type { Running } from './support/process.ts';
import { runIn } from './support/process.ts';
import type { Stage } from './support/stage.ts';
import { openStage, START_MS } from './support/stage.ts';

const TALK_MS = 500;
const PROXIES = [
  `sip proxy ip: ${ADDRESSES.primary}`,
  'sip proxy port: 5070',
  `sip backup proxy ip: ${ADDRESSES.backup}`,
  'sip backup proxy port: 5070',
];

let stage: Stage;

/** SIPp with one of its own scenarios; its exit code says whether every message came as it should. */
const sipp = (node: 'primary' | 'backup', args: readonly string[]): Running =>
  runIn(node, 'sipp', ['-i', ADDRESSES[node], '-p', '5070', '-m', '1', '-nostdin', '-timeout', '30s', ...args]);

async function done(running: Running): Promise<void> {
  const { child } = running;
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0, running.errors());
}

const callState = (state: string): Promise<number> =>
  stage.event(`the call is ${state}`, (event) => event.event === 'call' && event.state === state, START_MS);

describe('calls with SIPp', () => {
  before(() => {
    stage = openStage();
  });
  after(() => stage.close());
  afterEach(() => stage.stopPhone());

  it('a call that comes in is answered, and ended by its caller (RFC 3665 3.1)', async () => {
    const phone = stage.startPhone(PROXIES);
    await stage.onServer('primary', START_MS);
    const caller = sipp('primary', ['-sn', 'uac', '-s', '2001', '-d', String(TALK_MS), ADDRESSES.phone]);
    await callState('ringing');
    phone.say('answer');
    await callState('connected');
    await done(caller);
    await callState('ended');
  });

  it('a call is made through the primary proxy, and ended here', async () => {
    const callee = sipp('primary', ['-sn', 'uas']);
    const phone = stage.startPhone(PROXIES);
    await stage.onServer('primary', START_MS);
    phone.say('dial 200');
    await callState('connected');
    phone.say('hangup');
    await done(callee);
  });

  it('a call is made through the backup proxy where the primary is dead', async () => {
    const callee = sipp('backup', ['-sn', 'uas']);
    const phone = stage.startPhone(PROXIES);
    await stage.onServer('primary', START_MS);
    phone.say('dial 200');
    await callState('connected');
    assert.deepEqual(
      phone.events
        .filter(({ event, method }) => event === 'attempt' && method === 'INVITE')
        .map(({ server }) => server),
      ['primary', 'backup'],
    );
    phone.say('hangup');
    await done(callee);
  });
});
