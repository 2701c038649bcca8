/**
 * Owns the certificate that the web pages show: the one that the configuration names, else one of the phone's own, made once and kept
 * in the state folder. Nobody vouches for that one: its fingerprint stands on the phone's screen, to be compared with the browser's.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { codeOf } from './errno.ts';
import { readWholeText, writeWhole } from './files.ts';
import { pemReader } from './tls-files.ts';

export interface WebCertificate {
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
  /** SHA-256, pairs of hexadecimal digits with colons between. */
  readonly fingerprint: string;
  /** One clear line for each file that could not be used. */
  readonly problems: readonly string[];
}

export interface CertificateWishes {
  /** File names of the configuration, empty = none. */
  readonly certificate: string;
  readonly key: string;
  /** Whom the phone's own certificate names. */
  readonly commonName: string;
}

const FILE = 'web-certificate.pem';
/** The clock of a phone that was never set stands in the past: a certificate of its own holds at any time. */
const FROM = new Date('2020-01-01T00:00:00Z');
const UNTIL = new Date('2049-12-31T23:59:59Z');

/** One of its own that cannot be kept is a problem, and another one at the next start. */
export async function webCertificate(
  { certificate, key, commonName }: CertificateWishes,
  configPaths: readonly string[],
  stateDir: string,
): Promise<WebCertificate> {
  const { pem, problems } = await pemReader(configPaths, stateDir);
  const given = { cert: await pem(certificate), key: await pem(key) };
  const found: string[] = [...problems];
  if (given.cert !== null && given.key !== null) {
    const known = fit(given.cert, given.key);
    if (known !== null) return { ...known, problems };
    found.push(`${certificate}, ${key}: are no certificate and its key`);
  }
  const path = join(stateDir, FILE);
  const kept = await readOwn(path);
  if (kept !== null) return { ...kept, problems: found };
  const made = await makeOwn(path, commonName);
  const unkept = await writeWhole(path, `${made.cert}${made.key}`).then(
    () => [],
    (error: unknown) => [`${path}: cannot be written (${codeOf(error)}): the next start makes another one`],
  );
  return { ...made, problems: [...found, ...unkept] };
}

type Pair = Omit<WebCertificate, 'problems'>;

/** Null: they do not belong together, or are not what they should be. */
function fit(cert: string, key: string): Pair | null {
  try {
    const read = new X509Certificate(cert);
    return read.checkPrivateKey(createPrivateKey(key)) ? { cert, key, fingerprint: read.fingerprint256 } : null;
  } catch {
    return null;
  }
}

/** Both in one file, so that a power cut never leaves one without the other. */
async function readOwn(path: string): Promise<Pair | null> {
  const text = await readWholeText(path).catch(() => '');
  const parts = text.match(/-----BEGIN [\s\S]+?-----END [^\n]+\n/g) ?? [];
  const [cert, key] = parts;
  return cert === undefined || key === undefined ? null : fit(cert, key);
}

async function makeOwn(path: string, commonName: string): Promise<Pair> {
  // Loaded once in a phone's life.
  // Of an older module the bundle has the default alone.
  const { generate } = await import('selfsigned').then((found) => found.default ?? found);
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: FROM,
    notAfterDate: UNTIL,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: commonName.toLowerCase().replace(/[^a-z0-9-]+/g, '-') }] },
    ],
  });
  const lines = (text: string): string => `${text.replaceAll('\r', '').trim()}\n`;
  const pair = fit(lines(made.cert), lines(made.private));
  if (pair === null) throw new Error(`${path}: the certificate that was made is not sound`);
  return pair;
}
