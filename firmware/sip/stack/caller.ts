/** Owns who calls, as an INVITE says it. */
import { fromOf, headerValues } from '../message/headers.ts';
import type { SipRequest } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { decodeUtf8 } from '../message/utf8.ts';

/** Who calls; what a configured server asserts counts more than what the caller says (RFC 3325 9.1). */
export function callerOf(request: SipRequest, trusted: boolean): { readonly peer: string; readonly name: string } {
  const from = fromOf(request);
  const [said] = trusted ? headerValues(request, 'P-Asserted-Identity') : [];
  const asserted = said === undefined ? null : parseNameAddr(said);
  const caller = asserted?.ok === true ? asserted.value : from.ok ? from.value : null;
  return caller === null ? { peer: '', name: '' } : { peer: numberOf(caller), name: decodeUtf8(caller.display) };
}

/** A user is called back by it, a tel: URI by its number (RFC 3966); who has neither, by the whole address. */
const numberOf = ({ uri, uriText }: NameAddr): string => uri?.user ?? /^tel:([^;?]+)/i.exec(uriText)?.[1] ?? uriText;
