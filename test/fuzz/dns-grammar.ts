/** Owns DNS answers as octets and as records: right, nearly right, and made to be read wrong (RFC 1035 4; conformance L15). */
import type { DnsRecord } from '../../firmware/vocabulary.ts';
import type { Chance } from './chance.ts';

export const ADDRESSES = [
  ...['192.0.2.1', '192.0.2.2', '198.51.100.7', '127.0.0.1', '0.0.0.0', '255.255.255.255', '224.0.0.1', '169.254.1.1'],
  ...['::1', '::', 'ff02::1', 'fe80::1', '::ffff:127.0.0.1', '2001:db8::1', '64:ff9b::7f00:1', 'x', '', '1.2.3'],
];
export const NAMES = [
  ...['example.test', 'pbx.example.test', '_sip._udp.example.test', '_sip._tcp.example.test', 'a.test', '.', ''],
  ...['b.test', 'EXAMPLE.test', 'a b', 'x'.repeat(64), `${'a.'.repeat(200)}test`, '192.0.2.1', '\0', '__proto__'],
];
const TYPES = { A: 1, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, SRV: 33, NAPTR: 35, OPT: 41, RRSIG: 46, ANY: 255 };

const two = (number: number): string => String.fromCharCode((number >> 8) & 255, number & 255);
const four = (number: number): string => two(Math.floor(number / 65_536)) + two(number);
const small = (chance: Chance): number => chance.pick([0, 1, 5, 60, 65_535, chance.below(65_536)]);
const ttl = (chance: Chance): number => chance.pick([0, 1, 60, 86_400, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]);

/** Labels, and now and then a pointer: back, forward, to itself or out of the message. */
function name(chance: Chance): string {
  if (chance.odds(0.4)) return two(0xc000 | 12);
  if (chance.odds(0.02)) return two(0xc000 | chance.pick([0, chance.below(0x4000), 33, 63]));
  const labels = (chance.odds(0.95) ? 'pbx.example.test' : chance.pick(NAMES)).split('.');
  const written = labels.map((label) => String.fromCharCode(Math.min(255, label.length)) + label).join('');
  return written + (chance.odds(0.95) ? '\0' : chance.pick(['\xc0\x0c', '', '\x40']));
}

function data(type: string, chance: Chance): string {
  switch (type) {
    case 'A':
      return chance.octets(1) + String.fromCharCode(192, 0, 2, chance.below(4));
    case 'AAAA':
      return `\x20\x01\x0d\xb8${'\0'.repeat(11)}${chance.octets(2)}`;
    case 'SRV':
      return two(small(chance)) + two(small(chance)) + two(small(chance)) + name(chance);
    case 'SOA':
      return name(chance) + name(chance) + [1, 2, 3, 4].map(() => four(ttl(chance))).join('') + four(ttl(chance));
    case 'NAPTR':
      return `${two(small(chance))}${two(small(chance))}\x01s\x07SIP+D2U\0${name(chance)}`;
    case 'CNAME':
      return name(chance);
    default:
      return chance.octets(40);
  }
}

function record(chance: Chance): string {
  const [type, code] = chance.pick(Object.entries(TYPES));
  const octets = data(type, chance);
  const length = chance.odds(0.9) ? octets.length : small(chance);
  return (
    name(chance) + two(code) + two(chance.odds(0.95) ? 1 : small(chance)) + four(ttl(chance)) + two(length) + octets
  );
}

/** A message whose counts, lengths and pointers are right more often than not. */
export function dnsOctets(chance: Chance): string {
  const records = chance.some(chance.odds(0.02) ? 400 : 8, () => record(chance));
  const asked = chance.odds(0.9) ? 1 : chance.below(3);
  const answers = chance.below(records.length + 1);
  const right = [asked, answers, records.length - answers, 0];
  const counts = right.map((count) => (chance.odds(0.98) ? count : small(chance)));
  const questions = Array.from({ length: asked }, () => `\x03pbx\x07example\x04test\0${two(33)}${two(1)}`);
  const flags = chance.pick([0x8180, 0x8183, 0x8380, 0x0100, 0x8182, chance.below(65_536)]);
  return two(chance.below(65_536)) + two(flags) + counts.map(two).join('') + questions.join('') + records.join('');
}

/** A decoded record as the shell may hand it up: of the type asked for, of the name asked for, or of neither. */
export function dnsRecord(asked: { readonly name: string; readonly type: string }, chance: Chance): DnsRecord {
  const own = chance.odds(0.8) ? asked.name : chance.pick(NAMES);
  const type = chance.odds(0.7) ? asked.type : chance.pick(['A', 'AAAA', 'SRV', 'CNAME', 'SOA', 'NAPTR']);
  const [priority, weight] = [small(chance), small(chance)];
  const target = chance.pick(NAMES);
  switch (type) {
    case 'SRV':
      return { type, name: own, ttl: ttl(chance), priority, weight, port: small(chance), target };
    case 'CNAME':
      return { type, name: own, ttl: ttl(chance), target };
    case 'SOA':
      return { type, name: own, ttl: ttl(chance), minimum: ttl(chance) };
    case 'NAPTR': {
      const rule = { flags: chance.pick(['s', 'a', 'u', '']), services: 'SIP+D2U', regexp: '', replacement: target };
      return { type, name: own, ttl: ttl(chance), order: priority, preference: weight, ...rule };
    }
    default:
      return { type: type === 'AAAA' ? 'AAAA' : 'A', name: own, ttl: ttl(chance), address: chance.pick(ADDRESSES) };
  }
}
