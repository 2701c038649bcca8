/** Calls of ours in the shapes of RFC 3665 and RFC 5359, SIPp at the other end: every message as it should be, or SIPp says so. */
import { after, afterEach, before, describe, it } from 'node:test';
import type { Flows } from './support/flows.ts';
import { openFlows } from './support/flows.ts';
import { agrees, answers, asks, ends, gets, leaves, pause, says } from './support/sipp.ts';

let flows: Flows;

const dial = (): Promise<unknown> => flows.phone.ask('dial 200');
const hangUp = (): Promise<unknown> => flows.phone.ask('hangup');
/** Called, answered, and ended here. */
async function talk(): Promise<void> {
  await dial();
  await flows.call('connected');
  await hangUp();
}

describe('calls of ours, as SIPp has them', () => {
  before(async () => {
    flows = await openFlows('sip session timer: 90');
  });
  after(() => flows.close());
  afterEach(() => flows.clear());

  it('answered, ended by whom we called (RFC 3665 3.1)', () =>
    flows.all([flows.callee(...answers(), pause(100), ...leaves())], async () => {
      await dial();
      await flows.ended('remote');
    }));

  it('asked for a password first, 407 (RFC 3665 3.3)', () => {
    const challenge = 'Proxy-Authenticate: Digest realm="flow", nonce="n1", algorithm=MD5, qop="auth"';
    const asked = [gets('INVITE'), says(407, { headers: [challenge] }), gets('ACK')];
    return flows.all([flows.callee(...asked, ...answers('Proxy-Authorization: Digest .*nonce="n1"'), ...ends())], talk);
  });

  it('sent elsewhere, 302 (RFC 3665 3.6)', () => {
    const moved = { headers: ['Contact: <sip:300@[local_ip]:[local_port]>'] };
    const first = [gets('INVITE'), says(302, moved), gets('ACK')];
    return flows.all([flows.callee(...first, ...answers('INVITE sip:300@'), ...ends())], talk);
  });

  it('given up before anybody answers (RFC 3665 3.8)', () => {
    const cancelled = [gets('CANCEL'), agrees(), says(487), gets('ACK')];
    return flows.all([flows.callee(gets('INVITE'), says(180), ...cancelled)], async () => {
      await dial();
      await flows.call('ringing');
      await hangUp();
      await flows.ended('hangup');
    });
  });

  for (const [what, status, cause] of [
    ['busy (RFC 3665 3.9)', 486, 'busy'],
    ['not there, 480 (RFC 3665 3.11)', 480, 'failed'],
    ['declined', 603, 'declined'],
  ] as const)
    it(what, () =>
      flows.all([flows.callee(gets('INVITE'), says(100), says(180), says(status), gets('ACK'))], async () => {
        await dial();
        await flows.ended(cause);
      }),
    );

  it('ringing in two places, one of which answers (RFC 3261 13.2.2.1)', () => {
    const rings = [says(180, { tag: 'one' }), says(183, { tag: 'two', sdp: 'sendrecv' })];
    const answered = [says(200, { sdp: 'sendrecv' }), gets('ACK'), ...ends()];
    return flows.all([flows.callee(gets('INVITE'), ...rings, ...answered)], talk);
  });

  it('rung for sure: PRACK to a reliable 183 (RFC 3262 3)', () => {
    const sure = { headers: ['Require: 100rel', 'RSeq: 71'], sdp: 'sendrecv' } as const;
    const rings = [gets('INVITE', 'Supported:.*100rel'), says(183, sure), gets('PRACK', 'RAck: 71 '), agrees()];
    return flows.all([flows.callee(...rings, says(200), gets('ACK'), ...ends())], talk);
  });

  it('refused for its session interval, 422, and asked again with a longer one (RFC 4028 7.1)', () => {
    const first = [gets('INVITE', 'Session-Expires: 90'), says(422, { headers: ['Min-SE: 1800'] }), gets('ACK')];
    const granted = { sdp: 'sendrecv', headers: ['Session-Expires: 1800;refresher=uas', 'Require: timer'] } as const;
    const again = [gets('INVITE', 'Session-Expires: 1800', 'Min-SE: 1800'), says(200, granted), gets('ACK')];
    return flows.all([flows.callee(...first, ...again, ...ends())], talk);
  });

  it('held and taken back by us (RFC 5359 2.1)', () => {
    const held = [gets('INVITE', 'a=sendonly'), says(200, { sdp: 'recvonly' }), gets('ACK')];
    const back = [gets('INVITE', 'a=sendrecv'), says(200, { sdp: 'sendrecv' }), gets('ACK')];
    return flows.all([flows.callee(...answers(), ...held, ...back, ...ends())], async () => {
      await dial();
      await flows.call('connected');
      await flows.phone.ask('hold');
      await flows.call('held');
      await flows.phone.ask('resume');
      await flows.call('connected');
      await hangUp();
    });
  });

  it('held and taken back by the far side (RFC 5359 2.1; RFC 3665 3.7)', () => {
    const holds = [asks('INVITE', { sdp: 'sendonly' }), gets(200, 'a=recvonly'), asks('ACK')];
    const back = [asks('INVITE', { sdp: 'sendrecv' }), gets(200, 'a=sendrecv'), asks('ACK')];
    return flows.all([flows.callee(...answers(), ...holds, ...back, ...leaves())], dial);
  });

  it('kept alive by the far side, by UPDATE (RFC 4028 10)', () => {
    const kept = { headers: ['Supported: timer', 'Session-Expires: 1800;refresher=uac'] };
    const refresh = [asks('UPDATE', kept), gets(200, 'Session-Expires: 1800')];
    return flows.all([flows.callee(...answers(), ...refresh, ...leaves())], dial);
  });

  it('kept alive by us, at half of the interval (RFC 4028 7.2, 10)', () => {
    const granted = { sdp: 'sendrecv', headers: ['Session-Expires: 90;refresher=uac', 'Require: timer'] } as const;
    const begins = [gets('INVITE', 'Session-Expires: 90'), says(200, granted), gets('ACK')];
    const again = [gets('INVITE', 'Session-Expires: 90;refresher=uac'), says(200, granted), gets('ACK')];
    return flows.all([flows.callee(...begins, ...again, ...leaves())], dial);
  });
});
