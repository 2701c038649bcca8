/** Owns what the settings mean to SIP: how the phone names itself, and how long it waits for whom. */
import type { PhoneSettings } from '../../config/settings.ts';
import type { WaitPolicy } from '../../servers/health.ts';
import type { Identity } from '../agent.ts';

export const userAgentOf = (settings: PhoneSettings, version: string): string =>
  `Holdfast ${settings.model}/${version}`;

export const policyOf = ({ failover, timers }: PhoneSettings): WaitPolicy => ({
  profile: failover.profile,
  hedgeLimitMs: failover.hedgeLimitMs,
  transactionMs: timers.transactionMs,
  t1Ms: timers.t1Ms,
  blacklistS: timers.blacklistS,
  codes: failover.profile === 'modern' ? failover.codes : [503],
});

export const callPolicyOf = ({
  whitelist,
  calls: { sessionTimerS, obeysRefer },
}: PhoneSettings): { readonly whitelist: boolean; readonly sessionTimerS: number; readonly obeysRefer: boolean } => ({
  ...{ whitelist, sessionTimerS, obeysRefer: obeysRefer === 'on' },
});

export const identityOf = ({ mac, sendMac, sendLine, outbound }: PhoneSettings, userAgent: string): Identity => ({
  userAgent,
  mac: sendMac ? mac : null,
  sendLine,
  // The same at every start, as RFC 5626 4.1 wants: the form of RFC 4122 4.1.6 with the address as its node.
  instance: outbound ? `urn:uuid:00000000-0000-1000-8000-${mac.toLowerCase()}` : null,
});
