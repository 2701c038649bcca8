/** Owns a cell of the comparison, and the packets between which its time is counted. */
import { ADDRESSES } from '../../../test/interop/support/network.ts';
import { DOMAIN } from '../../../test/interop/support/servers.ts';
import * as wire from '../../../test/interop/support/wire.ts';
import type { AgentOrder } from './agents.ts';

/** One cell of the table. */
export interface Cell {
  /** What was measured. */
  readonly row: string;
  /** Null = not within the limit. */
  readonly value: number | null;
  /** `holds`: that it happened is all that counts; `starts`: `text` says it. */
  readonly unit: 's' | 'MiB' | 'holds' | 'starts';
  readonly text?: string;
}

type Server = 'primary' | 'backup' | 'phone';
type Fits = (seen: wire.Seen) => boolean;

export const answered = (server: Server, method: string): Fits => wire.answered(ADDRESSES[server], method);
export const asked = (server: Server, method: string): Fits => wire.asked(ADDRESSES[server], method);

export const seconds = (row: string, from: number, until: wire.Seen | null): Cell => ({
  row,
  value: until === null ? null : Math.max(until.at - from, 0) / 1000,
  unit: 's',
});

export const SHORT_S = 20;
export const LONG_S = 3600;

/** A phone as it is delivered, with bindings of an hour. */
export const USUAL: Omit<AgentOrder, 'folder'> = { expiresS: LONG_S, probes: true, domain: DOMAIN, mwi: false };

/** The domain names the primary, then the backup. */
export const USUAL_ZONE = [
  `_sip._udp IN SRV 10 0 5060 primary.${DOMAIN}.`,
  `_sip._udp IN SRV 20 0 5060 backup.${DOMAIN}.`,
];
