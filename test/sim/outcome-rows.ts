/**
 * Owns the rows of table X of the conformance list that every kind of request meets: what befalls a server, and who is asked then. Rows
 * with rules of their own stand in their tests.
 */
import type { PhoneSettings } from '../../firmware/config/settings.ts';
import type { OddPeer } from './outcome-site.ts';

/** What is done about an outcome: N = the next target, B = then the backup's, END = nobody else is asked. */
export type Deed = 'N,B' | 'END';
export const WALKS: Readonly<Record<Deed, string>> = { 'N,B': 'p1 p2 b', END: 'p1' };

export interface Row {
  readonly outcome: string;
  readonly befalls: (peer: OddPeer) => void;
  readonly transport?: PhoneSettings['transport'];
  readonly register: Deed;
  readonly invite: Deed;
  /** Where every server answers so: what becomes of the line, and how long it waits before it asks again, s. */
  readonly all: { readonly state: 'waiting' | 'rejected'; readonly waitS: readonly [number, number] };
}

/** RFC 5626 4.5: 30·2 s after the first failure, 50 to 100 % of it. */
const FAILED = { state: 'waiting', waitS: [30, 60] } as const;
/** `sip registration retry timer`. */
const REJECTED = { state: 'rejected', waitS: [1800, 1800] } as const;

const code =
  (status: number, retryAfterS: number | null = null): Row['befalls'] =>
  (peer) => {
    // What is alive answers OPTIONS; the call's own answers are the code too.
    peer.status = status;
    peer.retryAfterS = retryAfterS;
  };
const codes = (list: readonly number[], rest: Omit<Row, 'outcome' | 'befalls'>): readonly Row[] =>
  list.map((status) => ({ outcome: String(status), befalls: code(status), ...rest }));
const fault =
  (kind: OddPeer['fault']): Row['befalls'] =>
  (peer) => {
    peer.fault = kind;
  };

/** What the peer is called in its certificate is not what was configured. */
const otherName: Row['befalls'] = (peer) => {
  peer.certificate = 'other.test';
};

export const ROWS: readonly Row[] = [
  { outcome: 'ICMP port unreachable', befalls: fault('killed'), register: 'N,B', invite: 'N,B', all: FAILED },
  { outcome: 'ICMP host unreachable', befalls: fault('unreachable'), register: 'N,B', invite: 'N,B', all: FAILED },
  {
    ...{ outcome: 'TCP connect refused', befalls: fault('killed'), transport: 2 },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    ...{ outcome: 'TCP connect time-out', befalls: fault('silent'), transport: 2 },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    ...{ outcome: 'TLS certificate of another name', befalls: otherName, transport: 4 },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    ...{ outcome: 'connection closed while waiting', transport: 2, register: 'N,B', invite: 'N,B', all: FAILED },
    befalls: (peer) => {
      peer.hangsUp = 'at once';
    },
  },
  { outcome: 'Timer B/F, no response at all', befalls: fault('silent'), register: 'N,B', invite: 'N,B', all: FAILED },
  ...codes([408, 500, 502, 504], { register: 'N,B', invite: 'END', all: FAILED }),
  ...codes([503], { register: 'N,B', invite: 'N,B', all: FAILED }),
  {
    ...{ outcome: '503 with Retry-After', befalls: code(503, 200), register: 'N,B', invite: 'N,B' },
    all: { state: 'waiting', waitS: [200, 200] },
  },
  ...codes(
    [400, 403, 404, 405, 413, 414, 415, 416, 420, 421, 428, 430, 436, 437, 438, 439, 480, 481, 482, 483, 488, 489],
    {
      ...{ register: 'END', invite: 'END', all: REJECTED },
    },
  ),
  ...codes([491, 494, 501, 505, 513, 580, 600, 603, 604, 606], { register: 'END', invite: 'END', all: REJECTED }),
  ...[480, 500, 600].map(
    (status): Row => ({
      outcome: `${status} with Retry-After`,
      befalls: code(status, 2000),
      register: status === 500 ? 'N,B' : 'END',
      invite: 'END',
      all: { state: status === 500 ? 'waiting' : 'rejected', waitS: [2000, 2000] },
    }),
  ),
  {
    outcome: 'malformed response over UDP: dropped, the timers run on',
    befalls: (peer) => {
      peer.mangle = (data) => data.replace('SIP/2.0', 'SIP/2.0 oh');
    },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
  {
    outcome: 'a response from another address than the target: dropped, the timers run on',
    befalls: (peer) => {
      peer.answersFrom = '198.51.100.9';
    },
    ...{ register: 'N,B', invite: 'N,B', all: FAILED },
  },
];
