/** A call with SIPp at the other end, the proxy that it should go through dead. With one that lives: flows-in, flows-out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { ADDRESSES } from './support/network.ts';
import { runIn } from './support/process.ts';
import type { Stage } from './support/stage.ts';
import { openStage, START_MS } from './support/stage.ts';

const PROXIES = [
  `sip proxy ip: ${ADDRESSES.primary}`,
  'sip proxy port: 5070',
  `sip backup proxy ip: ${ADDRESSES.backup}`,
  'sip backup proxy port: 5070',
  // SIPp takes a probe for one more call.
  'failover probe period: 0',
];
const CALLEE = ['-sn', 'uas', '-i', ADDRESSES.backup, '-p', '5070', '-m', '1', '-nostdin', '-timeout', '30s'];

let stage: Stage;

describe('calls with SIPp', () => {
  before(() => {
    stage = openStage();
  });
  after(() => stage.close());

  it('a call is made through the backup proxy where the primary is dead', async () => {
    const callee = runIn('backup', 'sipp', CALLEE);
    const phone = stage.startPhone(PROXIES);
    await stage.onServer('primary', START_MS);
    phone.say('dial 200');
    await stage.event('the call is connected', (one) => one.event === 'call' && one.state === 'connected', START_MS);
    assert.deepEqual(
      phone.events
        .filter(({ event, method }) => event === 'attempt' && method === 'INVITE')
        .map(({ server }) => server),
      ['primary', 'backup'],
    );
    phone.say('hangup');
    // SIPp's exit code says whether every message came as its own scenario has it.
    if (callee.child.exitCode === null) await once(callee.child, 'exit');
    assert.equal(callee.child.exitCode, 0, callee.errors());
  });
});
