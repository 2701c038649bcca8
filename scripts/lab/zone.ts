/** Owns what the lab's DNS answers: a zone of two servers by SRV and A, and how each fault bends it. */
import type { Answer, Packet, Question, SrvAnswer, StringAnswer } from 'dns-packet';
import { RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import type { DnsFault, RegistrarName, Zone } from './protocol.ts';

/** The address that a hijacked DNS answers for every name: nobody is there. */
export const LANDING_PAGE = '127.0.0.2';

const SERVFAIL = 2;
const NXDOMAIN = 3;
const AUTHORITATIVE = 1 << 10;
const PAYLOAD_OCTETS = 1232;
const SERVERS: readonly RegistrarName[] = ['primary', 'backup'];
const SERVICES = ['_sip._udp', '_sip._tcp', '_sips._tcp'] as const;

/** The answer to one query, null = none. */
export function answer(query: Packet, zone: Zone, fault: DnsFault, over: 'udp' | 'tcp'): Packet | null {
  const [question] = query.questions ?? [];
  if (fault === 'silent' || query.type === 'response' || question === undefined) return null;
  const empty: Packet = {
    type: 'response',
    id: query.id,
    flags: AUTHORITATIVE | ((query.flags ?? 0) & RECURSION_DESIRED),
    questions: [question],
    additionals: edns(query),
  };
  const flagged = (flag: number): Packet => ({ ...empty, flags: (empty.flags ?? 0) | flag });
  if (fault === 'truncate' && over === 'udp') return flagged(TRUNCATED_RESPONSE);
  if (fault === 'servfail') return flagged(SERVFAIL);
  if (fault === 'landing-page') return question.type === 'A' ? hijacked(empty, question, zone) : nothing(empty, zone);
  const records = fault === 'srv-gone' ? recordsOf(zone).filter(({ type }) => type !== 'SRV') : recordsOf(zone);
  const name = question.name.toLowerCase();
  // A name stays where its SRV records were: their absence is no proof that it does not exist.
  const exists = recordsOf(zone).some((record) => record.name === name || record.name.endsWith(`.${name}`));
  if (fault === 'nxdomain' || !exists) return nothing(flagged(NXDOMAIN), zone);
  const answers = records.filter((record) => record.name === name && record.type === question.type);
  return answers.length === 0 ? nothing(empty, zone) : { ...empty, answers };
}

type ZoneRecord = SrvAnswer | StringAnswer;

function recordsOf({ domain, address, ttlS, ports, tlsPorts }: Zone): readonly ZoneRecord[] {
  const servers = SERVERS.flatMap((server): readonly ZoneRecord[] => {
    const name = `${server}.${domain}`;
    const target = `${server}1.${domain}`;
    return [
      ...SERVICES.map((service): ZoneRecord => {
        const port = service === '_sips._tcp' ? tlsPorts[server] : ports[server];
        return {
          ...{ type: 'SRV', name: `${service}.${name}`, ttl: ttlS },
          data: { priority: 10, weight: 10, port, target },
        };
      }),
      { type: 'A', name, ttl: ttlS, data: address },
      { type: 'A', name: target, ttl: ttlS, data: address },
    ];
  });
  return [{ type: 'A', name: domain, ttl: ttlS, data: address }, ...servers];
}

const hijacked = (empty: Packet, { name }: Question, { ttlS }: Zone): Packet => ({
  ...empty,
  answers: [{ type: 'A', name, ttl: ttlS, data: LANDING_PAGE }],
});

/** No data, or no name: the SOA says how long that holds (RFC 2308 3). */
const nothing = (empty: Packet, { domain, ttlS }: Zone): Packet => ({
  ...empty,
  authorities: [
    {
      type: 'SOA',
      name: domain,
      ttl: ttlS,
      data: {
        mname: `ns.${domain}`,
        rname: `admin.${domain}`,
        serial: 1,
        refresh: 60,
        retry: 60,
        expire: 600,
        minimum: ttlS,
      },
    },
  ],
});

/** A query with EDNS gets its own in return (RFC 6891 6.1.1). */
const edns = (query: Packet): Answer[] =>
  (query.additionals ?? []).some(({ type }) => type === 'OPT')
    ? [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: PAYLOAD_OCTETS,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ]
    : [];
