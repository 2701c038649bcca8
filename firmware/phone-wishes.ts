/** Owns what this phone offers to say and hear in a call, and on which port it hears it. */
import type { CallState } from './call/state.ts';
import { CALLS_MAX } from './config/defaults.ts';
import type { CallSettings, CodecName, LineSettings, TransportChoice } from './config/settings.ts';
import type { Fleet } from './kernel/fleet.ts';
import type { Random } from './kernel/random.ts';
import type { Wish } from './sip/call-vocabulary.ts';
import type { MediaKey } from './sip/sdp/crypto.ts';
import { SUITES } from './sip/sdp/crypto.ts';

/** Static payload types (RFC 3551 6). */
const PAYLOAD_TYPES: Readonly<Record<CodecName, number>> = { PCMU: 0, PCMA: 8, G722: 9 };
const EVENTS = { payloadType: 101, name: 'TELEPHONE-EVENT', rate: 8000, parameters: '0-15' } as const;
/** The port of the service that throws away what it gets. */
const NO_PORT = 9;
const TLS: TransportChoice = 4;
/** RFC 3711 8.2: 128 bits of key, 112 of salt; octets. */
const KEY_AND_SALT = 30;

export interface WishesOptions {
  readonly calls: Fleet<CallState>;
  /** RTP ports, one a call. */
  readonly rtpPorts: () => readonly number[];
  readonly random: Random;
  readonly transport: () => TransportChoice;
  readonly settings: () => Pick<CallSettings, 'codecs' | 'ptimeMs'>;
}

/** A wish for each call of a line; `made`: calls so far, `urgent`: to an emergency number. */
export function createWishes({
  calls,
  rtpPorts,
  random,
  transport,
  settings,
}: WishesOptions): (line: LineSettings, made: number, urgent?: boolean) => Wish {
  /** A port that no other call has, the one that was left longest ago; where sound has none at all, calls go on without it. */
  function freePort(made: number): number {
    const ports = rtpPorts();
    const used = calls.entries().map(([, { call }]) => call.wish.port);
    const turned = ports.map((_port, index) => ports[(index + made) % ports.length] as number);
    return turned.find((port) => !used.includes(port)) ?? NO_PORT;
  }

  /** Whoever reads the description has the keys: they travel in TLS alone (RFC 4568 8.3; conformance J9). */
  const keysOf = ({ srtp }: LineSettings): readonly MediaKey[] =>
    srtp === 'off' || transport() !== TLS
      ? []
      : SUITES.map((suite, index) => ({ tag: index + 1, suite, masterKey: random.base64(KEY_AND_SALT) }));

  return (line, made, urgent = false) => ({
    sessionId: String(random.below(2 ** 31)),
    version: 1,
    port: freePort(made),
    codecs: settings().codecs.map((name) => ({ payloadType: PAYLOAD_TYPES[name], name, rate: 8000, parameters: '' })),
    events: line.keysSent.events === 'on' ? EVENTS : null,
    direction: 'sendrecv',
    ptimeMs: settings().ptimeMs,
    keys: keysOf(line),
    // Who calls for help is heard, whoever else may hear it.
    plain: line.srtp === 'only' && !urgent ? 'refused' : 'taken',
  });
}

/** Why nothing can be said on this line, null = it can: its keys would be there for everybody to read. */
export const secrecyProblem = (
  { line, srtp }: LineSettings,
  transport: TransportChoice,
  urgent: boolean,
): string | null =>
  srtp === 'only' && transport !== TLS && !urgent
    ? `line ${line} has encrypted calls alone ("sip srtp mode: 2"): that needs "sip transport protocol: 4"`
    : null;

/** What nobody holds for us: pairs of RTP and RTCP, from the configured one on. */
export const usualPorts = (base: number): readonly number[] =>
  Array.from({ length: CALLS_MAX }, (_port, index) => base + (base % 2) + 2 * index);
