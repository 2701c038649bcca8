/** Owns the faults as data: which one fits which server, what its argument means, what it makes of a server's behaviour. */
import type { DnsFault, DnsMode, RegistrarMode, ServerName } from './protocol.ts';

const REGISTRARS = ['primary', 'backup'] as const;
const SERVERS = [...REGISTRARS, 'dns'] as const;
const DNS = ['dns'] as const;

interface Fault {
  readonly fits: readonly ServerName[];
  readonly argument: 'seconds' | 'milliseconds' | null;
}

export const FAULTS = {
  kill: { fits: SERVERS, argument: null },
  freeze: { fits: SERVERS, argument: null },
  silent: { fits: SERVERS, argument: null },
  '500': { fits: REGISTRARS, argument: null },
  '503': { fits: REGISTRARS, argument: null },
  '503-retry': { fits: REGISTRARS, argument: 'seconds' },
  close: { fits: REGISTRARS, argument: null },
  reset: { fits: REGISTRARS, argument: null },
  slow: { fits: SERVERS, argument: 'milliseconds' },
  truncate: { fits: DNS, argument: null },
  servfail: { fits: DNS, argument: null },
  nxdomain: { fits: DNS, argument: null },
  'landing-page': { fits: DNS, argument: null },
  'srv-gone': { fits: DNS, argument: null },
  clear: { fits: SERVERS, argument: null },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof FAULTS;
/** Faults that are a way to behave; the others are done to the process. */
export type Behaviour = Exclude<FaultKind, 'kill' | 'freeze' | 'close' | 'reset' | 'clear'>;

export interface Order {
  readonly target: ServerName;
  readonly kind: FaultKind;
  readonly argument: number;
}

export type ReadOrder = { readonly ok: true; readonly value: Order } | { readonly ok: false; readonly error: string };

/** Reads an order as a person typed it. */
export function readOrder(target: string, kind: string, argument: string | undefined): ReadOrder {
  if (target === 'callee')
    return refused('the callee lives in the two servers: break those, or call 486 for one that is busy');
  if (!isServer(target)) return refused(`target "${short(target)}": ${[...SERVERS, 'callee'].join(', ')}`);
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
const isServer = (text: string): text is ServerName => (SERVERS as readonly string[]).includes(text);
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
