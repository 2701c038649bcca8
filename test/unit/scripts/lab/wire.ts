/** Owns plain packets to the lab's servers, by sockets and text alone: nothing of the phone, nothing of the lab. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';

/** Hang guard, ms. */
const PATIENCE_MS = 60_000;

export async function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Looks again and again until it holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The state letter of a process, null where there is none any more. A dead one that nobody buried is gone too. */
export function stateOf(pid: number): string | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  try {
    const state = /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? null;
    return state === 'Z' || state === 'X' ? null : state;
  } catch {
    return null;
  }
}

/** A connected UDP socket with what came by it, in order. */
export interface Peer {
  readonly port: number;
  readonly waiting: number;
  send(octets: Buffer): void;
  /** The next packet; rejects with the error of the socket, as ECONNREFUSED. */
  next(): Promise<Buffer>;
  close(): void;
}

export async function openPeer(remote: string): Promise<Peer> {
  const [host, port] = remote.replace(/^\w+:(?=\d)/, '').split(':');
  const socket: Socket = createSocket('udp4');
  const arrived: (Buffer | Error)[] = [];
  const wakes: (() => void)[] = [];
  const put = (item: Buffer | Error): void => {
    arrived.push(item);
    wakes.shift()?.();
  };
  socket.on('message', put);
  socket.on('error', put);
  socket.connect(Number(port), host);
  await once(socket, 'connect');
  return {
    port: socket.address().port,
    get waiting() {
      return arrived.length;
    },
    send: (octets) => socket.send(octets),
    async next() {
      if (arrived.length === 0)
        await within(new Promise<void>((resolve) => wakes.push(resolve)), `answer of ${remote}`);
      const item = arrived.shift();
      if (item instanceof Error || item === undefined) throw item ?? new Error('nothing came');
      return item;
    },
    close: () => socket.close(),
  };
}

export interface Answer {
  readonly status: number;
  readonly callId: string;
  header(name: string): string | null;
}

let serial = 0;

export interface Sent {
  readonly method?: string;
  readonly user?: string;
  readonly domain?: string;
  /** Request-URI; else the domain's. */
  readonly uri?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly headers?: readonly string[];
}

/** A request as text, with a branch of its own. */
export function request(port: number, sent: Sent = {}): string {
  serial += 1;
  const {
    method = 'OPTIONS',
    user = '2001',
    domain = 'primary.lab.test',
    cseq = 1,
    headers = [],
    uri = `sip:${domain}`,
  } = sent;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};rport;branch=z9hG4bKtest${serial}`,
    'Max-Forwards: 70',
    `From: <sip:${user}@${domain}>;tag=test${serial}`,
    `To: <sip:${user}@${domain}>`,
    `Call-ID: ${sent.callId ?? `call${serial}`}`,
    `CSeq: ${cseq} ${method}`,
    ...headers,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

export function readAnswer(octets: Buffer): Answer {
  const [start = '', ...lines] = octets.toString('latin1').split('\r\n');
  const header = (name: string): string | null =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? null;
  return { status: Number(/^SIP\/2\.0 (\d{3}) /.exec(start)?.[1] ?? 0), callId: header('call-id') ?? '', header };
}

export async function ask(peer: Peer, sent: Sent = {}): Promise<Answer> {
  peer.send(Buffer.from(request(peer.port, sent)));
  return readAnswer(await peer.next());
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export interface Login {
  readonly auth: string;
  readonly password: string;
}

/** The header that answers a challenge (RFC 2617 3.2.2). */
export function authorization(challenge: Answer, login: Login, sent: Sent, count = 1): string {
  const challenged = challenge.header('www-authenticate') ?? '';
  const field = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(challenged)?.[1] ?? '';
  const uri = sent.uri ?? `sip:${sent.domain ?? 'primary.lab.test'}`;
  const nc = count.toString(16).padStart(8, '0');
  const ha1 = md5(`${login.auth}:${field('realm')}:${login.password}`);
  const response = md5(`${ha1}:${field('nonce')}:${nc}:abc:auth:${md5(`${sent.method ?? 'REGISTER'}:${uri}`)}`);
  return (
    `Authorization: Digest username="${login.auth}", realm="${field('realm')}", nonce="${field('nonce')}", ` +
    `uri="${uri}", algorithm=MD5, qop=auth, nc=${nc}, cnonce="abc", response="${response}"`
  );
}

/** A REGISTER or another request, its challenge, and the answer to it. */
export async function register(peer: Peer, login: Login, sent: Sent): Promise<Answer> {
  serial += 1;
  const whole = { method: 'REGISTER', callId: `registration${serial}`, ...sent };
  const challenge = await ask(peer, whole);
  if (challenge.status !== 401) return challenge;
  const headers = [...(whole.headers ?? []), authorization(challenge, login, whole)];
  return ask(peer, { ...whole, cseq: (whole.cseq ?? 1) + 1, headers });
}
