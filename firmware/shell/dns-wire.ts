/** Owns the DNS wire format by dns-packet: queries out, decoded messages in; hostile octets become `malformed`, never a throw (RFC 1035 4). */
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { DnsMessage, DnsQuestion, DnsRecord } from '../vocabulary.ts';
import { RECORDS_MAX } from '../dns/limits.ts';

/** EDNS payload size: what passes without fragments (DNS flag day 2020). */
const EDNS_PAYLOAD = 1232;
const MESSAGE_MAX = 65_535;

export function encodeQuery(transactionId: number, question: DnsQuestion, edns: boolean): Buffer {
  return encode({
    type: 'query',
    id: transactionId,
    flags: RECURSION_DESIRED,
    questions: [{ type: question.type, name: question.name, class: 'IN' }],
    ...(edns
      ? { additionals: [{ type: 'OPT' as const, name: '.', udpPayloadSize: EDNS_PAYLOAD, flags: 0, ednsVersion: 0, extendedRcode: 0, flag_do: false, options: [] }] }
      : {}),
  });
}

const nameOf = (text: unknown): string => {
  const name = String(text).toLowerCase();
  return name === '' || name === '.' ? '.' : name.replace(/\.$/, '');
};

interface Decoded {
  readonly id?: number | undefined;
  readonly type?: string | undefined;
  readonly flags?: number | undefined;
  readonly flag_tc?: boolean | undefined;
  readonly questions?: undefined | readonly { readonly name: string; readonly type: string }[];
  readonly answers?: undefined | readonly unknown[];
  readonly authorities?: undefined | readonly unknown[];
  readonly additionals?: undefined | readonly unknown[];
}

export function decodeMessage(octets: Buffer): DnsMessage | 'malformed' {
  if (octets.length < 12 || octets.length > MESSAGE_MAX || tooMany(octets)) return 'malformed';
  try {
    const message: Decoded = decode(octets);
    return {
      id: message.id ?? 0,
      response: message.type === 'response',
      truncated: message.flag_tc === true,
      rcode: (message.flags ?? 0) & 0x0f,
      questions: (message.questions ?? []).map(({ name, type }) => ({ name: nameOf(name), type })),
      answers: records(message.answers),
      authorities: records(message.authorities),
      additionals: records(message.additionals),
    };
  } catch {
    return 'malformed';
  }
}

/** The counts of the header, before anything is copied. */
const tooMany = (octets: Buffer): boolean =>
  octets.readUInt16BE(4) > 1 || octets.readUInt16BE(6) + octets.readUInt16BE(8) + octets.readUInt16BE(10) > 4 * RECORDS_MAX;

const records = (list: readonly unknown[] | undefined): readonly DnsRecord[] => (list ?? []).slice(0, RECORDS_MAX).flatMap(recordOf);

function recordOf(raw: unknown): readonly DnsRecord[] {
  const { type, name: rawName, ttl = 0, data, class: cls } = raw as { type: string; name: string; ttl?: number; data: unknown; class?: string };
  if (cls !== undefined && cls !== 'IN') return [];
  const name = nameOf(rawName);
  const d = data as Readonly<Record<string, number & string>>;
  switch (type) {
    case 'A':
    case 'AAAA':
      return [{ type, name, ttl, address: String(data).toLowerCase() }];
    case 'CNAME':
      return [{ type, name, ttl, target: nameOf(data) }];
    case 'SRV':
      return [{ type, name, ttl, priority: Number(d['priority'] ?? 0), weight: Number(d['weight'] ?? 0), port: Number(d['port']), target: nameOf(d['target']) }];
    case 'NAPTR':
      return [
        {
          type,
          name,
          ttl,
          order: Number(d['order']),
          preference: Number(d['preference']),
          flags: String(d['flags']),
          services: String(d['services']),
          regexp: String(d['regexp']),
          replacement: nameOf(d['replacement']),
        },
      ];
    case 'SOA':
      return [{ type, name, ttl, minimum: Number(d['minimum'] ?? 0) }];
    default:
      return [];
  }
}
