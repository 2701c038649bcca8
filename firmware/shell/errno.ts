/** Owns what the system's error codes mean to the phone: the one place where errno is mapped. */
import type { TransportFailure } from '../vocabulary.ts';

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
