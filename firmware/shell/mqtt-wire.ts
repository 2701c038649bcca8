/** Owns the few packets of MQTT 3.1.1 (OASIS) that a phone needs which publishes at QoS 0 and reads nothing: four out, two in. */

export interface Connecting {
  readonly clientId: string;
  readonly keepAliveS: number;
  /** Published by the broker when the connection is lost; retained. */
  readonly will: { readonly topic: string; readonly payload: string };
  /** Empty = none. */
  readonly username: string;
  readonly password: string;
}

/** Fixed headers: type and flags (2.2.1, 2.2.2). */
const CONNECT = 0x10;
const PUBLISH_RETAINED = 0x31;
const PING_REQUEST = 0xc0;
const DISCONNECT = 0xe0;
/** Flags of CONNECT (3.1.2.3). */
const CLEAN_SESSION = 0x02;
const WILL_RETAINED = 0x04 + 0x20;
const HAS_PASSWORD = 0x40;
const HAS_USERNAME = 0x80;
/** A string, a topic: its length stands in two octets (1.5.3). */
const STRING_MAX = 65_535;

export function connectPacket({ clientId, keepAliveS, will, username, password }: Connecting): Buffer {
  const flags =
    CLEAN_SESSION +
    WILL_RETAINED +
    (username === '' ? 0 : HAS_USERNAME) +
    // 3.1.2.9: no password without a name.
    (username === '' || password === '' ? 0 : HAS_PASSWORD);
  return packet(CONNECT, [
    field('MQTT'),
    Buffer.from([4, flags, keepAliveS >> 8, keepAliveS & 0xff]),
    ...[clientId, will.topic, will.payload].map(field),
    ...(username === '' ? [] : [username, ...(password === '' ? [] : [password])].map(field)),
  ]);
}

/** Retained: whoever comes later learns of it at once. */
export const publishPacket = (topic: string, payload: string): Buffer =>
  packet(PUBLISH_RETAINED, [field(topic), Buffer.from(payload)]);

export const PING = Buffer.from([PING_REQUEST, 0]);
export const GOODBYE = Buffer.from([DISCONNECT, 0]);

/** 2.2.3: seven bits an octet, the least first. */
function packet(header: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = body.length; length.length === 0 || left > 0; left >>= 7)
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
  return Buffer.concat([Buffer.from([header, ...length]), body]);
}

function field(text: string): Buffer {
  const octets = Buffer.from(text).subarray(0, STRING_MAX);
  return Buffer.concat([Buffer.from([octets.length >> 8, octets.length & 0xff]), octets]);
}

export type Heard =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'alive' }
  | { readonly kind: 'refused'; readonly why: string };

/** 3.2.2.3. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'the broker does not speak MQTT 3.1.1',
  2: 'the broker refuses the name of this client',
  3: 'the broker is not available',
  4: 'the user name or the password is wrong',
  5: 'not allowed to connect',
};

/** Both answers have a fixed length: CONNACK (3.2) and PINGRESP (3.13). Anything else was never asked for. */
export function readPackets(octets: Buffer): { readonly heard: readonly Heard[]; readonly rest: Buffer } {
  const heard: Heard[] = [];
  let at = 0;
  while (octets.length - at >= 2) {
    const [type, length] = [octets[at], octets[at + 1]];
    const isConnack = type === 0x20 && length === 2;
    if (!isConnack && !(type === 0xd0 && length === 0))
      return {
        heard: [...heard, { kind: 'refused', why: 'what answers is no broker of MQTT' }],
        rest: Buffer.alloc(0),
      };
    if (isConnack && octets.length - at < 4) break;
    const code = octets[at + 3] ?? 0;
    if (!isConnack) heard.push({ kind: 'alive' });
    else if (code === 0) heard.push({ kind: 'accepted' });
    else heard.push({ kind: 'refused', why: REFUSALS[code] ?? `refused with code ${code}` });
    at += isConnack ? 4 : 2;
  }
  return { heard, rest: octets.subarray(at) };
}
