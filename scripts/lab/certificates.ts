/**
 * Owns a small certificate authority (RFC 5280 4.1, 4.2.1.6, 4.2.1.9; X.690 DER): certificates for servers of the lab and of tests,
 * made when they are needed, so that no key lies in the repository and nothing must be installed.
 */
import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** For whom and for how long. */
export interface Subject {
  readonly commonName?: string;
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  /** IPv4 literals. */
  readonly addresses?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** PEM texts. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  issue(subject: Subject): Certified;
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';

export function createAuthority(commonName: string): Authority {
  const keys = newKeys();
  return {
    certificate: certify({ commonName }, keys, { commonName, keys }, { authority: true }),
    issue: (subject) => certified(subject, { commonName, keys }),
  };
}

/** Signed by itself: nobody vouches for it. */
export function selfSigned(subject: Subject): Certified {
  const commonName = subject.commonName ?? 'nobody';
  const keys = newKeys();
  const certificate = certify({ ...subject, commonName }, keys, { commonName, keys }, { authority: false });
  return { certificate, key: pemOf(keys.privateKey) };
}

interface Issuer {
  readonly commonName: string;
  readonly keys: Keys;
}

function certified(subject: Subject, issuer: Issuer): Certified {
  const keys = newKeys();
  return { certificate: certify(subject, keys, issuer, { authority: false }), key: pemOf(keys.privateKey) };
}

const newKeys = (): Keys => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function certify(subject: Subject, keys: Keys, issuer: Issuer, { authority }: { readonly authority: boolean }): string {
  const { notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + 30 * DAY_MS) } = subject;
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.from([1, ...randomBytes(8)])),
    algorithm,
    name(issuer.commonName),
    sequence(time(notBefore), time(notAfter)),
    name(subject.commonName ?? ''),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...extensions(subject, authority),
  );
  const whole = sequence(body, algorithm, bits(sign('sha256', body, issuer.keys.privateKey)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensions({ dns = [], uris = [], addresses = [] }: Subject, authority: boolean): readonly Buffer[] {
  const names = [
    ...dns.map((value) => tagged(0x82, Buffer.from(value, 'latin1'))),
    ...uris.map((value) => tagged(0x86, Buffer.from(value, 'latin1'))),
    ...addresses.map((value) => tagged(0x87, addressOctets(value))),
  ];
  const all = [
    ...(authority ? [sequence(oid(BASIC_CONSTRAINTS), TRUE, tagged(0x04, sequence(TRUE)))] : []),
    ...(names.length === 0 ? [] : [sequence(oid(SUBJECT_ALT_NAME), tagged(0x04, sequence(...names)))]),
  ];
  return all.length === 0 ? [] : [tagged(0xa3, sequence(...all))];
}

function addressOctets(address: string): Buffer {
  if (!isIPv4(address)) throw new Error(`${address} is no IPv4 address`);
  return Buffer.from(address.split('.').map(Number));
}

/** One DER value: tag, length, content. */
function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const said = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...said]), content]);
}

const TRUE = tagged(0x01, Buffer.from([0xff]));
const sequence = (...contents: readonly Buffer[]): Buffer => tagged(0x30, ...contents);
/** Positive, for its first octet is small and not zero. */
const integer = (octets: Buffer): Buffer => tagged(0x02, octets);
const bits = (octets: Buffer): Buffer => tagged(0x03, Buffer.from([0]), octets);
/** UTCTime: two digits of the year, as RFC 5280 4.1.2.5 wants them before 2050. */
const time = (date: Date): Buffer =>
  tagged(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`, 'latin1'));

const name = (commonName: string): Buffer =>
  commonName === ''
    ? sequence()
    : sequence(tagged(0x31, sequence(oid(COMMON_NAME), tagged(0x0c, Buffer.from(commonName, 'utf8')))));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

/** Seven bits an octet, the highest first, all but the last marked. */
function base128(value: number): readonly number[] {
  const octets = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) octets.unshift(128 + (left % 128));
  return octets;
}
