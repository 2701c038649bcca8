/** Calls that are handed over, SIPp at both other ends: RFC 5359 2.4 and 2.5, RFC 5589 6 and 7. */
import { after, afterEach, before, describe, it } from 'node:test';
import type { Flows } from './support/flows.ts';
import { openFlows } from './support/flows.ts';
import type { Step } from './support/sipp.ts';
import { agrees, answers, asks, calls, ends, gets, leaves, says } from './support/sipp.ts';

let flows: Flows;

const notes = (fragment: string, state: string): readonly Step[] => [
  asks('NOTIFY', { headers: ['Event: refer', `Subscription-State: ${state}`], fragment }),
  gets(200),
];
const OVER = 'terminated;reason=noresource';
/** The phone hands over to whom it names so, and hears this of it. */
const handed = (to: string, ...told: readonly Step[]): readonly Step[] => [
  gets('REFER', `Refer-To: .*${to}`, 'Referred-By: <sip:2001@'),
  agrees({ status: 202 }),
  ...told,
];
/** The phone is handed over, and tells how it goes. */
const hands = (to: string): readonly Step[] => [
  asks('REFER', { headers: [`Refer-To: ${to}`, 'Referred-By: <sip:boss@[local_ip]>'] }),
  gets(202),
  gets('NOTIFY', 'SIP/2.0 100', 'Subscription-State: active'),
  agrees(),
  gets('NOTIFY', 'SIP/2.0 180'),
  agrees(),
  gets('NOTIFY', 'SIP/2.0 200', `Subscription-State: ${OVER}`),
  agrees(),
];

async function answer(): Promise<void> {
  await flows.call('ringing');
  await flows.phone.ask('answer');
  await flows.call('connected');
}

describe('calls handed over, as SIPp has them', () => {
  before(async () => {
    flows = await openFlows();
  });
  after(() => flows.close());
  afterEach(() => flows.clear());

  async function transfer(): Promise<void> {
    await flows.phone.ask('dial 200');
    await flows.call('connected');
    await flows.phone.ask('transfer 300');
  }

  it('by us, without a word (RFC 5359 2.4; RFC 5589 6.2)', () => {
    const told = [...notes('100 Trying', 'active;expires=60'), ...notes('200 OK', OVER)];
    return flows.all([flows.callee(...answers(), ...handed('sip:300@', ...told), ...ends())], async () => {
      await transfer();
      await flows.ended('transferred');
    });
  });

  it('by us, and nobody takes it: the call goes on (RFC 5589 6.3)', () => {
    const told = notes('486 Busy Here', OVER);
    return flows.all([flows.callee(...answers(), ...handed('sip:300@', ...told), ...ends())], async () => {
      await transfer();
      await flows.told('it was not taken', (event) => event.transfer === 'failed');
      await flows.phone.ask('hangup');
    });
  });

  it('by us, after a word (RFC 5359 2.5; RFC 5589 7.3)', async () => {
    const held = [gets('INVITE', 'a=sendonly'), says(200, { sdp: 'recvonly' }), gets('ACK')];
    const told = notes('200 OK', OVER);
    const first = flows.caller(...calls(), ...held, ...handed('Replaces=', ...told), ...ends());
    const target = flows.callee(...answers(), ...ends());
    await flows.all([first, target], async () => {
      await answer();
      await flows.phone.ask('hold');
      const [one] = await flows.call('held');
      await flows.phone.ask('dial 300');
      await flows.call('connected');
      await flows.phone.ask(`transfer call=${one}`);
    });
  });

  for (const [what, farEnd] of [
    ['without a word: we are left with the new call (RFC 5359 2.4)', leaves()],
    ['who does not hang up: we do (RFC 5589 5)', ends()],
  ] as const)
    it(`by a caller, ${what}`, async () => {
      const first = flows.caller(...calls(), ...hands('<sip:300@[local_ip]>'), ...farEnd);
      const target = flows.callee(...answers('Referred-By: <sip:boss@'), ...ends());
      await flows.all([first], answer);
      await flows.all([target], async () => {
        await flows.call('connected');
        await flows.phone.ask('hangup');
      });
    });

  it('by a caller, after a word: Replaces goes along (RFC 5359 2.5)', async () => {
    const to = '<sip:300@[local_ip]?Replaces=a%40b%3Bto-tag%3Dc%3Bfrom-tag%3Dd>';
    const first = flows.caller(...calls(), ...hands(to), ...leaves());
    const target = flows.callee(...answers('Replaces: a@b;to-tag=c;from-tag=d'), ...ends());
    await flows.all([first], answer);
    await flows.all([target], () => flows.phone.ask('hangup'));
  });
});
