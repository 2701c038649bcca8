/** Owns what this phone offers to say and hear in a call, and on which port it hears it. */
import type { CallState } from './call/state.ts';
import { CALLS_MAX } from './config/defaults.ts';
import type { LineSettings } from './config/settings.ts';
import type { Fleet } from './kernel/fleet.ts';
import type { Random } from './kernel/random.ts';
import type { Wish } from './sip/call-vocabulary.ts';

const G722 = { payloadType: 9, name: 'G722', rate: 8000, parameters: '' } as const;
const PCMU = { payloadType: 0, name: 'PCMU', rate: 8000, parameters: '' } as const;
const PCMA = { payloadType: 8, name: 'PCMA', rate: 8000, parameters: '' } as const;
const EVENTS = { payloadType: 101, name: 'TELEPHONE-EVENT', rate: 8000, parameters: '0-15' } as const;
const PTIME_MS = 20;
/** The port of the service that throws away what it gets. */
const NO_PORT = 9;

export interface WishesOptions {
  readonly calls: Fleet<CallState>;
  /** RTP ports, one a call. */
  readonly rtpPorts: () => readonly number[];
  readonly random: Random;
}

/** A wish for each call of a line; `made`: calls so far. */
export function createWishes({ calls, rtpPorts, random }: WishesOptions): (line: LineSettings, made: number) => Wish {
  /** A port that no other call has, the one that was left longest ago; where sound has none at all, calls go on without it. */
  function freePort(made: number): number {
    const ports = rtpPorts();
    const used = calls.entries().map(([, { call }]) => call.wish.port);
    const turned = ports.map((_port, index) => ports[(index + made) % ports.length] as number);
    return turned.find((port) => !used.includes(port)) ?? NO_PORT;
  }

  return (line, made) => ({
    sessionId: String(random.below(2 ** 31)),
    version: 1,
    port: freePort(made),
    codecs: [G722, PCMU, PCMA],
    events: line.keysSent.events === 'on' ? EVENTS : null,
    direction: 'sendrecv',
    ptimeMs: PTIME_MS,
  });
}

/** What nobody holds for us: pairs of RTP and RTCP, from the configured one on. */
export const usualPorts = (base: number): readonly number[] =>
  Array.from({ length: CALLS_MAX }, (_port, index) => base + (base % 2) + 2 * index);
