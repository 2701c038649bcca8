/** Calls that come in, in the shapes of RFC 3665 and RFC 5359, SIPp at the other end: every message as it should be, or SIPp says so. */
import { after, afterEach, before, describe, it } from 'node:test';
import type { Flows } from './support/flows.ts';
import { openFlows } from './support/flows.ts';
import type { Step } from './support/sipp.ts';
import { answers, asks, calls, ends, gets, leaves, pause } from './support/sipp.ts';

let flows: Flows;

const dial = (): Promise<unknown> => flows.phone.ask('dial 200');
const hangUp = (): Promise<unknown> => flows.phone.ask('hangup');
async function answer(): Promise<void> {
  await flows.call('ringing');
  await flows.phone.ask('answer');
}

describe('calls that come in, as SIPp has them', () => {
  const begins: readonly Step[] = [asks('INVITE', { sdp: 'sendrecv' }), gets(100)];

  before(async () => {
    flows = await openFlows('call waiting: 0');
  });
  after(() => flows.close());
  afterEach(() => flows.clear());

  it('OPTIONS (RFC 3261 11)', () =>
    flows.all([flows.caller(asks('OPTIONS'), gets(200, 'Allow: .*INVITE.*', 'Accept: application/sdp'))]));

  it('answered here, ended by the caller (RFC 3665 3.1)', () =>
    flows.all([flows.caller(...calls(), pause(100), ...leaves())], answer));

  it('given up by the caller (RFC 3665 3.8)', () => {
    // The INVITE is answered before the CANCEL is: either order will do (RFC 3261 9.2).
    const cancelled = [asks('CANCEL'), gets(487), asks('ACK'), gets(200)];
    return flows.all([flows.caller(...begins, gets(180), ...cancelled)], () => flows.ended('cancelled'));
  });

  it('the description comes with the ACK (RFC 3261 13.2.1)', () => {
    const bare = [asks('INVITE'), gets(100), gets(180), gets(200, 'm=audio'), asks('ACK', { sdp: 'sendrecv' })];
    return flows.all([flows.caller(...bare, pause(100), ...leaves())], answer);
  });

  it('rung for sure where the caller requires it (RFC 3262 3)', () => {
    const asked = asks('INVITE', { sdp: 'sendrecv', headers: ['Require: 100rel'] });
    const sure = [asked, gets(100), gets(180, 'Require:.*100rel', 'RSeq: '), asks('PRACK'), gets(200)];
    return flows.all([flows.caller(...sure, gets(200), asks('ACK'), ...leaves())], answer);
  });

  it('a session interval that is too short: 422 with ours (RFC 4028 9)', () => {
    const short = { sdp: 'sendrecv', headers: ['Supported: timer', 'Session-Expires: 60'] } as const;
    return flows.all([flows.caller(asks('INVITE', short), gets(422, 'Min-SE: 90'), asks('ACK'))]);
  });

  it('while somebody is talked to: busy (RFC 3665 3.9)', async () => {
    const talks = await flows.callee(...answers(), ...ends());
    await dial();
    await flows.call('connected');
    await flows.all([flows.caller(...begins, gets(486), asks('ACK'))]);
    await flows.all([talks], hangUp);
  });

  it('forwarded, all of them (RFC 5359 2.7)', async () => {
    await flows.phone.ask('forward all 300');
    await flows.all([flows.caller(...begins, gets(302, 'Contact: <sip:300@'), asks('ACK'))]);
    await flows.phone.ask('forward all off');
  });

  it('forwarded while the person is busy (RFC 5359 2.8)', async () => {
    await flows.phone.ask('forward busy 300');
    await flows.phone.ask('dnd on');
    await flows.all([flows.caller(...begins, gets(302, 'Contact: <sip:300@'), asks('ACK'))]);
    await flows.phone.ask('dnd off');
    await flows.phone.ask('forward busy off');
  });

  it('forwarded where nobody answers (RFC 5359 2.9)', async () => {
    await flows.phone.ask('forward noanswer 300');
    await flows.all([flows.caller(...begins, gets(180), gets(302, 'Contact: <sip:300@'), asks('ACK'))]);
    await flows.phone.ask('forward noanswer off');
  });
});
