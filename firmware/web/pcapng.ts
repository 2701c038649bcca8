/**
 * Owns writing kept SIP messages as a pcapng file (draft-ietf-opsawg-pcapng 4). What came by UDP is written as the packet that it was;
 * what came by TCP or TLS as "exported PDU", which says what was said without the wrapping: nobody can open TLS afterwards.
 */
import { isIPv6 } from 'node:net';
import type { Endpoint } from '../kernel/target.ts';
import type { TracedMessage } from '../status.ts';

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
/** Link types: IP packets, and Wireshark's exported PDUs. */
const RAW_IP = 101;
const EXPORTED_PDU = 252;
const UDP = 17;
/** Tags of an exported PDU. */
const DISSECTOR = 12;
const IPV4 = [20, 21] as const;
const IPV6 = [22, 23] as const;
const PORT_TYPE = 24;
const PORTS = [25, 26] as const;
const TCP_PORT = 2;

/** `listening`: the shared socket, where a message names no end of its own. */
export function pcapng(messages: readonly TracedMessage[], listening: Endpoint): Buffer {
  const blocks = [
    block(SECTION, sectionBody()),
    block(INTERFACE, interfaceBody(RAW_IP)),
    block(INTERFACE, interfaceBody(EXPORTED_PDU)),
  ];
  for (const message of messages) {
    const here = localOf(message, listening);
    const ends = message.direction === 'sent' ? [here, message.peer] : [message.peer, here];
    const [from, to] = ends as [Endpoint, Endpoint];
    const payload = Buffer.from(message.text, 'latin1');
    const packet = message.transport === 'udp' ? datagram(from, to, payload) : exported(from, to, payload);
    blocks.push(
      block(ENHANCED_PACKET, packetBody(message.transport === 'udp' ? 0 : 1, message.at ?? message.t, packet)),
    );
  }
  return Buffer.concat(blocks);
}

/** A socket that listens on every address has none to show: that of this machine for itself stands for it. */
function localOf({ local, peer }: TracedMessage, { address, port }: Endpoint): Endpoint {
  const own = local ?? { address, port };
  if (isIPv6(own.address) === isIPv6(peer.address) && own.address !== '0.0.0.0' && own.address !== '::') return own;
  return { address: isIPv6(peer.address) ? '::1' : '127.0.0.1', port: own.port };
}

function block(type: number, body: Buffer): Buffer {
  const length = body.length + 12;
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type, 0);
  head.writeUInt32LE(length, 4);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(length, 0);
  return Buffer.concat([head, body, tail]);
}

/** Version 1.0, length unknown. */
function sectionBody(): Buffer {
  const body = Buffer.alloc(16, 0xff);
  body.writeUInt32LE(BYTE_ORDER, 0);
  body.writeUInt16LE(1, 4);
  body.writeUInt16LE(0, 6);
  return body;
}

/** No limit of length; times in µs, as without an option. */
function interfaceBody(linkType: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16LE(linkType, 0);
  return body;
}

function packetBody(interfaceId: number, atMs: number, packet: Buffer): Buffer {
  const micros = BigInt(Math.round(atMs)) * 1000n;
  const head = Buffer.alloc(20);
  head.writeUInt32LE(interfaceId, 0);
  head.writeUInt32LE(Number(micros >> 32n), 4);
  head.writeUInt32LE(Number(micros & 0xffffffffn), 8);
  head.writeUInt32LE(packet.length, 12);
  head.writeUInt32LE(packet.length, 16);
  return padded(Buffer.concat([head, packet]));
}

const padded = (octets: Buffer): Buffer => Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)]);

/** RFC 768 in RFC 791 or RFC 8200. */
function datagram(from: Endpoint, to: Endpoint, payload: Buffer): Buffer {
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(from.port, 0);
  udp.writeUInt16BE(to.port, 2);
  udp.writeUInt16BE(Math.min(0xffff, payload.length + 8), 4);
  const segment = Buffer.concat([udp, payload]);
  const [source, target] = [addressOctets(from.address), addressOctets(to.address)];
  const pseudo = Buffer.concat([source, target, Buffer.from([0, UDP]), udp.subarray(4, 6)]);
  segment.writeUInt16BE(checksum(Buffer.concat([pseudo, segment])) || 0xffff, 6);
  return Buffer.concat([
    source.length === 4 ? ipv4(source, target, segment.length) : ipv6(source, target, segment.length),
    segment,
  ]);
}

function ipv4(source: Buffer, target: Buffer, length: number): Buffer {
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(Math.min(0xffff, length + 20), 2);
  head[8] = 64;
  head[9] = UDP;
  source.copy(head, 12);
  target.copy(head, 16);
  head.writeUInt16BE(checksum(head), 10);
  return head;
}

function ipv6(source: Buffer, target: Buffer, length: number): Buffer {
  const head = Buffer.alloc(40);
  head[0] = 0x60;
  head.writeUInt16BE(Math.min(0xffff, length), 4);
  head[6] = UDP;
  head[7] = 64;
  source.copy(head, 8);
  target.copy(head, 24);
  return head;
}

/** RFC 1071. */
function checksum(octets: Buffer): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function addressOctets(address: string): Buffer {
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return Buffer.from(bare.split('.').map(Number));
  const [left = '', right] = bare.split('::');
  const groups = (text: string | undefined): readonly string[] =>
    text === undefined || text === '' ? [] : text.split(':').flatMap(groupsOf);
  const [before, behind] = [groups(left), groups(right)];
  const zeros = right === undefined ? [] : Array.from({ length: 8 - before.length - behind.length }, () => '0');
  const octets = Buffer.alloc(16);
  for (const [index, group] of [...before, ...zeros, ...behind].entries())
    octets.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  return octets;
}

/** `::ffff:192.0.2.1` ends in an IPv4 address. */
function groupsOf(group: string): readonly string[] {
  if (!group.includes('.')) return [group];
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
  return [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
}

function exported(from: Endpoint, to: Endpoint, payload: Buffer): Buffer {
  const [source, target] = [addressOctets(from.address), addressOctets(to.address)];
  const tags = source.length === 4 ? IPV4 : IPV6;
  const number = (value: number): Buffer => Buffer.from([0, 0, value >> 8, value & 0xff]);
  return Buffer.concat([
    tag(DISSECTOR, Buffer.from('sip\0')),
    tag(tags[0], source),
    tag(tags[1], target),
    tag(PORT_TYPE, number(TCP_PORT)),
    tag(PORTS[0], number(from.port)),
    tag(PORTS[1], number(to.port)),
    tag(0, Buffer.alloc(0)),
    payload,
  ]);
}

function tag(code: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, padded(value)]);
}
