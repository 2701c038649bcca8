/** Owns the DNS wire format by dns-packet: queries out, decoded messages in; hostile octets become `malformed`, never a throw (RFC 1035 4; conformance L15). */
import type { Packet } from 'dns-packet';
import { decode, encode, RECURSION_DESIRED, streamEncode } from 'dns-packet';
import { RECORDS_MAX } from '../dns/limits.ts';
import type { DnsMessage, DnsRecord, Effect } from '../vocabulary.ts';

type Query = Pick<Extract<Effect, { kind: 'dns-query' }>, 'transactionId' | 'question' | 'edns'>;

/** EDNS payload size: what passes without fragments (DNS flag day 2020). */
const EDNS_PAYLOAD = 1232;
/** RFC 1035 4.1.1: the header, and where its four counts stand. */
const HEADER_OCTETS = 12;
const QUESTION_COUNT_AT = 4;
const RECORD_COUNTS_AT = [6, 8, 10] as const;
/** RFC 1035 4.2.2: the longest message that its length field can tell. */
const MESSAGE_MAX = 65_535;

/** The question's name is one that DNS can hold: dns-packet does not check it. */
export const encodeQuery = (query: Query): Buffer => encode(packetOf(query));

/** With its length in front (RFC 7766 8). */
export const encodeStreamQuery = (query: Query): Buffer => streamEncode(packetOf(query));

const packetOf = ({ transactionId, question, edns }: Query): Packet => ({
  type: 'query',
  id: transactionId,
  flags: RECURSION_DESIRED,
  questions: [{ ...question, class: 'IN' }],
  additionals: edns ? [{ ...OPT, options: [] }] : [],
});

const OPT = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: EDNS_PAYLOAD,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
} as const;

export function decodeMessage(octets: Buffer): DnsMessage | 'malformed' {
  if (octets.length < HEADER_OCTETS || octets.length > MESSAGE_MAX) return 'malformed';
  if (octets.readUInt16BE(QUESTION_COUNT_AT) > 1) return 'malformed';
  try {
    const packet = decode(cut(octets));
    // An address that the octets end in is read beyond them by dns-packet.
    return decode.bytes > octets.length ? 'malformed' : messageOf(packet);
  } catch {
    return 'malformed';
  }
}

/** At most `RECORDS_MAX` records a section, cut in the header's counts before anything is read; what follows a cut section is lost. */
function cut(octets: Buffer): Buffer {
  const counts = RECORD_COUNTS_AT.map((at) => octets.readUInt16BE(at));
  if (counts.every((count) => count <= RECORDS_MAX)) return octets;
  const shortened = Buffer.from(octets);
  let left = RECORDS_MAX;
  for (const [index, at] of RECORD_COUNTS_AT.entries()) {
    const count = counts[index] as number;
    shortened.writeUInt16BE(Math.min(count, left), at);
    if (count > RECORDS_MAX) left = 0;
  }
  return shortened;
}

/** dns-packet gives each record's data a shape of its own; the parts are checked where they are read. */
type RawRecord = { readonly [part in 'name' | 'type' | 'class' | 'ttl' | 'data' | 'extendedRcode']?: unknown };
type RawData = Readonly<Record<string, unknown>>;

const messageOf = (packet: ReturnType<typeof decode>): DnsMessage => ({
  id: Number(packet.id),
  response: packet.type === 'response',
  truncated: packet.flag_tc,
  rcode: (Number(packet.flags) & 0x0f) | (upperCode(packet.additionals) << 4),
  questions: (packet.questions ?? []).map(({ name, type }) => ({ name: nameOf(name), type })),
  answers: recordsOf(packet.answers),
  authorities: recordsOf(packet.authorities),
  additionals: recordsOf(packet.additionals),
});

/** RFC 6891 6.1.3: the upper eight bits of the code stand in OPT. Without them "bad version" (16) would read "no error". */
const upperCode = (list: readonly RawRecord[] | undefined): number =>
  Number(list?.find(({ type }) => type === 'OPT')?.extendedRcode ?? 0);

const recordsOf = (list: readonly RawRecord[] | undefined): readonly DnsRecord[] => (list ?? []).flatMap(recordOf);

function recordOf(raw: RawRecord): readonly DnsRecord[] {
  if (raw.class !== 'IN') return [];
  const name = nameOf(raw.name);
  const ttl = Number(raw.ttl);
  const data = raw.data as RawData;
  const number = (part: string): number => Number(data[part]);
  const text = (part: string): string => String(data[part]);
  switch (raw.type) {
    case 'A':
    case 'AAAA':
      return [{ type: raw.type, name, ttl, address: String(raw.data).toLowerCase() }];
    case 'CNAME':
      return [{ type: 'CNAME', name, ttl, target: nameOf(raw.data) }];
    case 'NS':
      return [{ type: 'NS', name, ttl, target: nameOf(raw.data) }];
    case 'SOA':
      return [{ type: 'SOA', name, ttl, minimum: number('minimum') }];
    case 'SRV': {
      const target = nameOf(data['target']);
      return [
        {
          type: 'SRV',
          name,
          ttl,
          priority: number('priority'),
          weight: number('weight'),
          port: number('port'),
          target,
        },
      ];
    }
    case 'NAPTR': {
      const order = { order: number('order'), preference: number('preference') };
      const rule = { flags: text('flags'), services: text('services'), regexp: text('regexp') };
      return [{ type: 'NAPTR', name, ttl, ...order, ...rule, replacement: nameOf(data['replacement']) }];
    }
    default:
      return [];
  }
}

const nameOf = (text: unknown): string => {
  const name = String(text).toLowerCase();
  return name === '.' ? name : name.replace(/\.$/, '');
};
