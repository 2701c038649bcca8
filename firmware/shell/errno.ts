/** Owns what the system's error codes mean to the phone: the one place where errno is mapped. */
import { isIPv6 } from 'node:net';
import type { TransportFailure } from '../vocabulary.ts';
import { interfacesNow } from './interfaces.ts';

const CAUSES: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  ENETUNREACH: 'no-network',
  ENETDOWN: 'no-network',
  EADDRNOTAVAIL: 'no-network',
  // Our own machine is at its limits: not the far side's fault.
  EADDRINUSE: 'no-network',
  EMFILE: 'no-network',
  ENFILE: 'no-network',
  ENOBUFS: 'no-network',
  ENOMEM: 'no-network',
};

export const codeOf = (error: unknown): string => (error as { readonly code?: string } | null)?.code ?? '';

/** What a socket error says of the far side; an unknown one counts as unreachable. */
export const failureOf = (error: unknown): TransportFailure => CAUSES[codeOf(error)] ?? 'unreachable';

/**
 * What it says of a target. Where the phone has addresses of both families and the machine still has one of the other, no way to this
 * one is this family's trouble alone: the walk goes on, nobody waits for a network (RFC 7984; conformance A16).
 */
export function failureTowards(
  address: string,
  error: unknown,
  binds: readonly string[],
  interfaces = interfacesNow() ?? {},
): TransportFailure {
  const cause = failureOf(error);
  const family = isIPv6(address) ? 'IPv6' : 'IPv4';
  const hasBoth = binds.some((bind) => isIPv6(bind)) && binds.some((bind) => !isIPv6(bind));
  if (!NO_WAY.has(codeOf(error)) || !hasBoth) return cause;
  const others = Object.values(interfaces).flatMap((held) => held ?? []);
  const stands = others.some((at) => at.family !== family && !at.internal && !/^fe[89ab]/i.test(at.address));
  return stands ? 'unreachable' : cause;
}

/** No route, or no address to send from. */
const NO_WAY = new Set(['ENETUNREACH', 'EADDRNOTAVAIL']);

/** For the log: where it came from, too. */
export const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
