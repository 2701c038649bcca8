/** Owns who may push XML to the phone, and reading what is pushed: the field `xml` of a form, encoded or as it is. */
import { fail, ok } from '../kernel/result.ts';
import type { Input } from '../vocabulary.ts';
import type { Push } from '../web/push.ts';
import { readObject } from '../xml-api/read.ts';
import { decoded } from './xml-fetch.ts';

export interface XmlPushOptions {
  /** `xml application post list`, as it is now. */
  readonly hosts: () => readonly string[];
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** ms on the monotonic clock. */
  readonly now: () => number;
  readonly input: (input: Input) => void;
}

/** A name is asked for again after this, ms: our choice, so that a flood of strangers is no flood of questions. */
const KNOWN_MS = 60_000;

export function createXmlPush({ hosts, lookup, now, input }: XmlPushOptions): Push {
  const known = new Map<string, { readonly until: number; readonly addresses: Promise<readonly string[]> }>();

  function addressesOf(host: string): Promise<readonly string[]> {
    const held = known.get(host);
    if (held !== undefined && held.until > now()) return held.addresses;
    const addresses = lookup(host).catch(() => []);
    known.set(host, { until: now() + KNOWN_MS, addresses });
    return addresses;
  }

  return {
    async isAllowed(peer) {
      const address = plain(peer);
      const listed = hosts();
      if (address === '' || listed.length === 0) return false;
      if (listed.some((host) => plain(host) === address)) return true;
      for (const host of [...known.keys()]) if (!listed.includes(host)) known.delete(host);
      const found = await Promise.all(listed.map(addressesOf));
      return found.flat().some((each) => plain(each) === address);
    },
    take(body) {
      const document = documentOf(decoded(body));
      if (document === null) return fail('a push is a form with the field xml');
      const object = readObject(document);
      if (!object.ok) return object;
      input({ kind: 'xml-push', document });
      return ok(null);
    },
  };
}

/** Without brackets, and IPv4 as itself where the socket is of both kinds. */
const plain = (address: string): string => address.replace(/^\[|\]$/g, '').replace(/^::ffff:(?=\d+\.)/i, '');

/** Scripts of the original send the object as it is, forms encode it. */
export function documentOf(body: string): string | null {
  if (!body.startsWith('xml=')) return null;
  const text = body.slice('xml='.length).trim();
  if (text.startsWith('<')) return text;
  const encoded = /^[^&]*/.exec(text)?.[0] ?? '';
  return latin(encoded.replaceAll('+', ' '));
}

/** Percent-encoded octets may be of either character set. */
function latin(encoded: string): string | null {
  if (/%(?![\da-f]{2})/i.test(encoded)) return null;
  const octets = encoded.replace(/%([\da-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded(Buffer.from(octets, 'latin1'));
}
