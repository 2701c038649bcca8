/** Owns which numbers this phone dials: the dial plan, the emergency numbers that no plan can hide, and the service codes of servers. */
import { DIAL_PLAN, EMERGENCY_DIAL_PLAN } from '../config/defaults.ts';
import type { DiallingSettings } from '../config/settings.ts';
import { invariant } from '../kernel/invariant.ts';
import type { DialPlan, Verdict } from './dial-plan.ts';
import { judge, matches, parseDialPlan } from './dial-plan.ts';

export interface Numbers {
  readonly plan: DialPlan;
  readonly emergency: DialPlan;
  readonly sendsTerminator: boolean;
}

/** A plan that cannot be read is replaced by the default one (original-phone 1.6). */
export const numbersOf = ({ plan, emergencyPlan, sendsTerminator }: DiallingSettings): Numbers => ({
  plan: withServiceCodes(planOf(plan, DIAL_PLAN)),
  emergency: planOf(emergencyPlan, EMERGENCY_DIAL_PLAN),
  sendsTerminator,
});

function planOf(text: string, fallback: string): DialPlan {
  const wished = parseDialPlan(text);
  const plan = wished.ok ? wished : parseDialPlan(fallback);
  invariant(plan.ok, `the default dial plan ${fallback} cannot be read`);
  return plan.value;
}

/** Our choice: the original's default plan has no pattern for `*97`. A plan that names none leaves service codes to the server. */
function withServiceCodes(plan: DialPlan): DialPlan {
  const names = judge(plan, '*', { sendsTerminator: false }).kind !== 'invalid';
  return names ? plan : { patterns: [...plan.patterns, ...planOf('*[0-9*]+#', DIAL_PLAN).patterns] };
}

export const isEmergency = ({ emergency }: Numbers, number: string): boolean => matches(emergency, number);

/** What the keys mean. An emergency number is never refused, never changed, and no shorter number is sent while it is keyed. */
export function judgeKeys({ plan, emergency, sendsTerminator }: Numbers, keys: string): Verdict {
  const usual = judge(plan, keys, { sendsTerminator });
  const urgent = judge(emergency, keys, { sendsTerminator: false });
  if (urgent.kind === 'invalid') return usual;
  if (usual.kind === 'invalid') return urgent;
  if (urgent.kind === 'incomplete')
    return usual.kind === 'complete' ? { kind: 'possible', number: usual.number, tone: false } : usual;
  const { number } = urgent;
  return usual.kind === 'complete' ? { kind: 'complete', number } : { kind: 'possible', number, tone: false };
}
