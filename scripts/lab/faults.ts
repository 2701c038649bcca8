/** Owns the faults as data: which one fits which server, what its argument means, what it makes of a server's behaviour. */
import type { CalleeMode, DnsFault, DnsMode, RegistrarMode, TargetName } from './protocol.ts';
import { HALE } from './protocol.ts';

const REGISTRARS = ['primary', 'backup'] as const;
const SIP = [...REGISTRARS, 'callee'] as const;
const ALL = [...REGISTRARS, 'dns', 'callee'] as const;
const DNS = ['dns'] as const;

interface Fault {
  readonly fits: readonly TargetName[];
  readonly argument: 'seconds' | 'milliseconds' | null;
}

export const FAULTS = {
  kill: { fits: ALL, argument: null },
  freeze: { fits: ALL, argument: null },
  silent: { fits: ALL, argument: null },
  '500': { fits: SIP, argument: null },
  '503': { fits: SIP, argument: null },
  '503-retry': { fits: SIP, argument: 'seconds' },
  close: { fits: REGISTRARS, argument: null },
  reset: { fits: REGISTRARS, argument: null },
  slow: { fits: ALL, argument: 'milliseconds' },
  truncate: { fits: DNS, argument: null },
  servfail: { fits: DNS, argument: null },
  nxdomain: { fits: DNS, argument: null },
  'landing-page': { fits: DNS, argument: null },
  'srv-gone': { fits: DNS, argument: null },
  clear: { fits: ALL, argument: null },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof FAULTS;
/** Faults that are a way to behave; the others are done to the process. */
export type Behaviour = Exclude<FaultKind, 'kill' | 'freeze' | 'close' | 'reset' | 'clear'>;

export interface Order {
  readonly target: TargetName;
  readonly kind: FaultKind;
  readonly argument: number;
}

export type ReadOrder = { readonly ok: true; readonly value: Order } | { readonly ok: false; readonly error: string };

/** Reads an order as a person typed it. */
export function readOrder(target: string, kind: string, argument: string | undefined): ReadOrder {
  if (!isTarget(target)) return refused(`target "${short(target)}": ${ALL.join(', ')}`);
  if (!isKind(kind)) return refused(`fault "${short(kind)}": ${Object.keys(FAULTS).join(', ')}`);
  const fault: Fault = FAULTS[kind];
  if (!fault.fits.includes(target)) return refused(`${kind} is no fault of ${target}: ${fault.fits.join(', ')} only`);
  if (fault.argument === null)
    return argument === undefined
      ? { ok: true, value: { target, kind, argument: 0 } }
      : refused(`${kind} takes no argument, but "${short(argument)}" was given`);
  if (argument === undefined || !/^\d{1,6}$/.test(argument))
    return refused(`${kind} needs a number of ${fault.argument}, 0 to 999999`);
  return { ok: true, value: { target, kind, argument: Number(argument) } };
}

const refused = (error: string): ReadOrder => ({ ok: false, error });
const short = (text: string): string => text.slice(0, 40);
const isTarget = (text: string): text is TargetName => (ALL as readonly string[]).includes(text);
const isKind = (text: string): text is FaultKind => Object.hasOwn(FAULTS, text);

const STATUS: Readonly<Partial<Record<Behaviour, 500 | 503>>> = { '500': 500, '503': 503, '503-retry': 503 };

export function registrarMode(before: RegistrarMode, kind: Behaviour, argument: number): RegistrarMode {
  if (kind === 'slow') return { ...before, delayMs: argument };
  return {
    ...before,
    silent: kind === 'silent',
    status: STATUS[kind] ?? null,
    retryAfterS: kind === '503-retry' ? argument : null,
  };
}

export function dnsMode(before: DnsMode, kind: Behaviour, argument: number): DnsMode {
  if (kind === 'slow') return { ...before, delayMs: argument };
  return { ...before, fault: kind as DnsFault };
}

/** The callee is told its whole mode: it is no process that could be killed or stopped. */
export function calleeMode(before: CalleeMode, kind: FaultKind, argument: number): CalleeMode {
  if (kind === 'clear') return HALE;
  const broken = { ...HALE, delayMs: before.delayMs };
  switch (kind) {
    case 'slow':
      return { ...before, delayMs: argument };
    case 'kill':
      return { ...broken, state: 'killed' };
    case 'freeze':
      return { ...broken, state: 'frozen' };
    case 'silent':
      return { ...broken, state: 'silent' };
    default:
      return {
        ...broken,
        status: STATUS[kind as Behaviour] ?? null,
        retryAfterS: kind === '503-retry' ? argument : null,
      };
  }
}
