/** Owns telling a syslog server what the log tells (RFC 5424 over UDP, RFC 5426): one datagram an event, lost ones are lost. */
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { NO_HOST } from '../config/values.ts';
import type { PhoneEvent } from '../events.ts';
import { levelOf } from './log.ts';

export interface SyslogOptions {
  /** A parameter in force. */
  readonly value: (name: string) => string;
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** Who tells: the MAC, as the original. */
  readonly hostname: string;
  readonly wallMs: () => number | null;
}

export interface Syslog {
  event(event: PhoneEvent): void;
  close(): void;
}

/** local0; severities of RFC 5424 6.2.1. */
const FACILITY = 16;
const SEVERITIES = { warn: 4, info: 6, debug: 7 } as const;
/** What every receiver takes (RFC 5424 6.1: 2048 should be). */
const OCTETS_MAX = 2048;
/** A name is asked for again after this. */
const LOOKUP_MS = 60_000;

export function createSyslog({ value, lookup, hostname, wallMs }: SyslogOptions): Syslog {
  const sockets = new Map<'udp4' | 'udp6', Socket>();
  let found: { readonly host: string; readonly until: number; readonly address: Promise<string | null> } | null = null;

  function addressOf(host: string): Promise<string | null> {
    if (found === null || found.host !== host || performance.now() > found.until)
      found = {
        host,
        until: performance.now() + LOOKUP_MS,
        address: lookup(host).then(
          ([first]) => first ?? null,
          () => null,
        ),
      };
    return found.address;
  }

  function socketFor(address: string): Socket {
    const family = isIPv6(address) ? 'udp6' : 'udp4';
    const known = sockets.get(family);
    if (known !== undefined) return known;
    const socket = createSocket(family);
    socket.on('error', () => undefined).unref();
    sockets.set(family, socket);
    return socket;
  }

  async function send(host: string, line: Buffer): Promise<void> {
    const address = await addressOf(host);
    if (address !== null) socketFor(address).send(line, Number(value('log server port')), address, () => undefined);
  }

  return {
    event(event) {
      const host = value('log server ip');
      const level = levelOf(event);
      if (host === NO_HOST || host === '' || level === null || level === 'debug') return;
      // What cannot be sent is lost like what gets lost: a log must not end the phone.
      send(host, lineOf(event, SEVERITIES[level], hostname, wallMs())).catch(() => undefined);
    },
    close() {
      for (const socket of sockets.values()) socket.close();
    },
  };
}

/** The name of the event is its id, its fields are the text; "-" where nothing is known. */
const lineOf = ({ event, ...fields }: PhoneEvent, severity: number, hostname: string, atMs: number | null): Buffer =>
  cut(
    Buffer.from(
      `<${FACILITY * 8 + severity}>1 ${atMs === null ? '-' : new Date(atMs).toISOString()} ${hostname} holdfast - ${event} - ${JSON.stringify(fields)}`,
    ),
  );

/** To what every receiver takes, and not within a character: half a one is no UTF-8 (RFC 5424 6.4). */
function cut(line: Buffer): Buffer {
  if (line.length <= OCTETS_MAX) return line;
  let end = OCTETS_MAX;
  while (isContinued(line[end])) end -= 1;
  return line.subarray(0, end);
}

/** An octet of a character that began before it (RFC 3629 3). */
const isContinued = (octet = 0): boolean => (octet & 0xc0) === 0x80;
