/** Owns the lab's DNS server: a process that answers for the lab's domain over UDP and TCP, and fails to order. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Answer, Packet } from 'dns-packet';
import { decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import type { DnsMode, FromServer, ToServer, Zone } from './protocol.ts';

const tell = (message: FromServer): void => {
  process.send?.(message);
};

/** The address that a hijacked DNS answers for every name: nobody is there. */
const LANDING_PAGE = '127.0.0.2';
const RCODE_SERVFAIL = 2;
const RCODE_NXDOMAIN = 3;
const AUTHORITATIVE = 1 << 10;

export function serveDns(): void {
  let mode: DnsMode = 'none';
  process.on('message', (message: ToServer) => {
    if (message.kind === 'dns') listen(message.address, message.port, message.zone, () => mode);
    else if (message.kind === 'mode') {
      mode = message.mode as DnsMode;
      tell({ kind: 'done', seq: message.seq, value: null });
    }
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole group: the phone un-registers first, then the lab ends its servers.
  process.on('SIGINT', () => undefined);
}

function listen(address: string, port: number, zone: Zone, mode: () => DnsMode): void {
  const udp = createSocket('udp4');
  udp.on('message', (octets, from) => {
    const answer = reply(octets, zone, mode(), 'udp');
    if (answer !== null) udp.send(answer, from.port, from.address);
  });
  udp.on('error', (error) => tell({ kind: 'failed', error: error.message }));
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      if (chunk.length < 2) return;
      const answer = reply(chunk.subarray(2), zone, mode(), 'tcp');
      if (answer === null) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.end(Buffer.concat([length, answer]));
    });
  });
  tcp.on('error', (error) => tell({ kind: 'failed', error: error.message }));
  udp.bind(port, address, () => tcp.listen(port, address, () => tell({ kind: 'listening', port })));
}

function reply(octets: Buffer, zone: Zone, mode: DnsMode, over: 'udp' | 'tcp'): Buffer | null {
  if (mode === 'silent') return null;
  let query: Packet;
  try {
    query = decode(octets);
  } catch {
    return null;
  }
  const [question] = query.questions ?? [];
  if (question === undefined) return null;
  const base: Packet = { type: 'response', id: query.id, flags: AUTHORITATIVE, questions: [question] };
  if (mode === 'truncate' && over === 'udp') return encode({ ...base, flags: AUTHORITATIVE | TRUNCATED_RESPONSE });
  if (mode === 'servfail') return encode({ ...base, flags: RCODE_SERVFAIL });
  const name = question.name.toLowerCase();
  const soa: Answer = {
    type: 'SOA',
    name: zone.domain,
    ttl: zone.ttlS,
    data: {
      mname: `ns.${zone.domain}`,
      rname: `admin.${zone.domain}`,
      serial: 1,
      refresh: 60,
      retry: 60,
      expire: 600,
      minimum: zone.ttlS,
    },
  };
  const known = namesOf(zone).includes(name) && mode !== 'nxdomain';
  if (!known && mode !== 'landing-page')
    return encode({ ...base, flags: AUTHORITATIVE | RCODE_NXDOMAIN, authorities: [soa] });
  const answers = answersTo(name, question.type, zone, mode);
  return encode({ ...base, answers, authorities: answers.length === 0 ? [soa] : [] });
}

const SERVERS = ['primary', 'backup'] as const;

const namesOf = ({ domain }: Zone): readonly string[] => [
  domain,
  ...SERVERS.flatMap((server) => [`${server}.${domain}`, `_sip._udp.${server}.${domain}`, `${server}1.${domain}`]),
];

function answersTo(name: string, type: string, zone: Zone, mode: DnsMode): Answer[] {
  if (type === 'A' && mode === 'landing-page') return [{ type: 'A', name, ttl: zone.ttlS, data: LANDING_PAGE }];
  if (type === 'A' && !name.startsWith('_')) return [{ type: 'A', name, ttl: zone.ttlS, data: zone.address }];
  const server = SERVERS.find((candidate) => name === `_sip._udp.${candidate}.${zone.domain}`);
  if (type !== 'SRV' || server === undefined || mode === 'srv-gone' || mode === 'landing-page') return [];
  return [
    {
      type: 'SRV',
      name,
      ttl: zone.ttlS,
      data: { priority: 10, weight: 10, port: zone.ports[server], target: `${server}1.${zone.domain}` },
    },
  ];
}
