/** Owns whom a certificate speaks for, and whether that is the server that was configured (RFC 5922 7.1-7.3; conformance E11). */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import { isIpv4, isIpv6, plainAddress } from '../kernel/target.ts';

/** What a certificate says of its holder: each alternative name as `kind:value`, and the common name; null = none. */
export interface CertificateNames {
  readonly alternatives: readonly { readonly kind: string; readonly value: string }[];
  readonly commonName: string | null;
}

/**
 * The configured name must stand in the certificate, whole and without wildcards; what DNS led to counts for nothing. A `sip:` URI
 * outranks DNS names, and the common name counts only where no alternative name stands.
 */
export function checkIdentity(names: CertificateNames, configured: string): Result<null, string> {
  const wanted = plain(configured);
  const holders = isIpv4(wanted) || isIpv6(wanted) ? of(names, 'IP Address') : domainsOf(names);
  if (holders.some((holder) => plain(holder) === wanted)) return ok(null);
  const shown = holders.length === 0 ? 'nobody we could ask for' : holders.slice(0, 4).join(', ').slice(0, 200);
  return fail(`the certificate is for ${shown}, not for ${configured}`);
}

function domainsOf(names: CertificateNames): readonly string[] {
  const domains = of(names, 'URI').flatMap((uri) => {
    const host = /^sip:(\[[^\]]*\]|[^@:;?]+)(?::\d+)?(?:[;?].*)?$/i.exec(uri)?.[1];
    return host === undefined ? [] : [host];
  });
  if (domains.length > 0) return domains;
  if (names.alternatives.length > 0) return of(names, 'DNS');
  return names.commonName === null ? [] : [names.commonName];
}

const of = ({ alternatives }: CertificateNames, wanted: string): readonly string[] =>
  alternatives.flatMap(({ kind, value }) => (kind === wanted ? [value] : []));

const plain = (name: string): string => plainAddress(name.replace(/\.$/, '').replace(/^\[|\]$/g, ''));

/**
 * Alternative names as OpenSSL prints them: `DNS:a.example, URI:sip:a.example, IP Address:192.0.2.1`; a value that holds what could
 * be mistaken stands in JSON quotes.
 */
export function readAlternatives(text: string): CertificateNames['alternatives'] {
  const found: { kind: string; value: string }[] = [];
  for (const [, kind = '', quoted, bare = ''] of text.matchAll(/(?:^|, )([A-Za-z ]+):(?:"((?:[^"\\]|\\.)*)"|([^,]*))/g))
    found.push({ kind, value: quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1') });
  return found;
}
