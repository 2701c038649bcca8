/** Owns the lab's callee: whoever is called there rings, answers and echoes what is said; a number such as 486 is refused with that code. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import type { SipMessage } from 'sip';
import sip from 'sip';

/** One answer to a request of a call; it may come later than the request. */
export interface Said {
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly content: string;
  readonly tag: string;
}

export interface Callee {
  /** Answers a request of a call, now and later, by `say`. */
  take(request: SipMessage, method: string, say: (said: Said) => void): void;
  /** What is offered in a call of the lab's own. */
  offer(): string;
  /** A call of the lab's own, from now on. */
  adopt(callId: string, tag: string): void;
  forget(callId: string): void;
  /** Whether what is said comes back. */
  hear(whole: boolean): void;
  /** It forgets every call. */
  die(): void;
}

/** Long enough to be seen, short enough to be waited for, ms after the INVITE. */
const RINGS_MS = 100;
const ANSWERS_MS = 700;

interface Call {
  readonly tag: string;
  /** Says something about the INVITE; null = it has its final answer. */
  say: ((said: Said) => void) | null;
}

export async function createCallee(address: string, sipPort: number): Promise<Callee> {
  let hears = true;
  const echo = await openEcho(address, () => hears);
  const calls = new Map<string, Call>();
  const contact = { contact: [{ uri: `sip:echo@${address}:${sipPort}`, params: {} }] };
  const session = (request: SipMessage): Pick<Said, 'headers' | 'content'> => ({
    headers: { ...contact, 'content-type': 'application/sdp' },
    content: answerTo(request.content ?? '', address, echo.address().port),
  });
  const gone = plain(481, 'Call/Transaction Does Not Exist');

  function invited(request: SipMessage, say: (said: Said) => void): void {
    const id = request.headers['call-id'];
    const known = calls.get(id);
    if (request.headers.to.params['tag'] !== undefined)
      return known === undefined ? say(gone) : say({ ...plain(200, 'OK', known.tag), ...session(request) });
    const offer = request.content ?? '';
    if (offer !== '' && !AUDIO.test(offer)) return say(plain(488, 'Not Acceptable Here'));
    const code = Number(/^([3-6]\d\d)$/.exec(sip.parseUri(request.uri)?.user ?? '')?.[1] ?? 200);
    const call: Call = { tag: newTag(), say };
    calls.set(id, call);
    say(plain(100, 'Trying', call.tag));
    const later = (ms: number, said: () => Said): NodeJS.Timeout =>
      setTimeout(() => {
        if (call.say !== null) say(said());
      }, ms);
    later(RINGS_MS, () => ({ ...plain(180, 'Ringing', call.tag), headers: contact }));
    later(ANSWERS_MS, () => {
      call.say = null;
      if (code === 200) return { ...plain(200, 'OK', call.tag), ...session(request) };
      calls.delete(id);
      return plain(code, 'Refused', call.tag);
    });
  }

  return {
    offer: () => describe(address, echo.address().port, { payload: '0', events: '101', direction: 'sendrecv' }),
    adopt: (callId, tag) => void calls.set(callId, { tag, say: null }),
    forget: (callId) => void calls.delete(callId),
    hear(whole) {
      hears = whole;
    },
    die: () => calls.clear(),
    take(request, method, say) {
      if (method === 'INVITE') return invited(request, say);
      const id = request.headers['call-id'];
      const call = calls.get(id);
      if (call === undefined) return say(gone);
      say(plain(200, 'OK', call.tag));
      if (method === 'CANCEL') call.say?.(plain(487, 'Request Terminated', call.tag));
      call.say = null;
      calls.delete(id);
    },
  };
}

/** Without header fields and content of its own. */
export const plain = (status: number, reason: string, tag = newTag()): Said => ({
  ...{ status, reason, tag, headers: {}, content: '' },
});

const newTag = (): string => randomBytes(8).toString('hex');

/** What is said comes back as another source's: with the speaker's own SSRC it would be a loop (RFC 3550 8.2). Key `*` silences it, `#` wakes it. */
async function openEcho(address: string, hears: () => boolean): Promise<Socket> {
  const socket = createSocket('udp4');
  const silenced = new Set<string>();
  socket.on('message', (packet, { port, address: from }) => {
    if (packet.length < 12 || !hears()) return;
    const who = `${from}:${port}`;
    const key = keyIn(packet);
    if (key === '*') silenced.add(who);
    if (key === '#') silenced.delete(who);
    if (silenced.has(who)) return;
    packet.writeUInt32BE((packet.readUInt32BE(8) ^ 0xffff_ffff) >>> 0, 8);
    socket.send(packet, port, from);
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return socket.unref();
}

const KEYS = '0123456789*#ABCD';
const DYNAMIC_PAYLOADS = 96;

/** The key that an event of RFC 4733 tells of, null = it is sound. */
function keyIn(packet: Buffer): string | null {
  const isEvent = packet.length === 16 && (packet.readUInt8(1) & 0x7f) >= DYNAMIC_PAYLOADS;
  return isEvent ? (KEYS[packet.readUInt8(12)] ?? null) : null;
}

/** Sound that is not encrypted. */
const AUDIO = /^m=audio [1-9]\d* RTP\/AVP ([\d ]+)/m;

/** The first codec of the offer, its events, and the other side of its direction; its other streams are refused in their places (RFC 3264 6). */
function answerTo(offer: string, address: string, port: number): string {
  const lines = offer.match(/^m=.*$/gm) ?? ['m=audio 1 RTP/AVP 0'];
  const taken = lines.findIndex((line) => AUDIO.test(line));
  const payloads = AUDIO.exec(lines[taken] ?? '')?.[1]?.split(' ') ?? ['0'];
  const events = /^a=rtpmap:(\d+) telephone-event\/8000/im.exec(offer)?.[1] ?? null;
  const held = /^a=(sendonly|inactive)/m.exec(offer)?.[1];
  const direction = held === 'sendonly' ? 'recvonly' : (held ?? 'sendrecv');
  const own = describe(address, port, { payload: payloads[0] ?? '0', events, direction });
  const refused = lines.map((line) => `${line.trim().replace(/^(m=\S+) \d+/, '$1 0')}\r\n`);
  const [before, after] = [refused.slice(0, taken).join(''), refused.slice(taken + 1).join('')];
  return `${own.replace('m=audio', `${before}m=audio`)}${after}`;
}

interface Session {
  readonly payload: string;
  /** Payload type of DTMF, null = none. */
  readonly events: string | null;
  readonly direction: string;
}

const describe = (address: string, port: number, { payload, events, direction }: Session): string =>
  [
    'v=0',
    `o=echo 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${[payload, ...(events === null ? [] : [events])].join(' ')}`,
    ...(events === null ? [] : [`a=rtpmap:${events} telephone-event/8000`, `a=fmtp:${events} 0-15`]),
    `a=${direction}`,
    '',
  ].join('\r\n');
