/** Owns who is at the far side of a call, as its messages say it. */
import { fromOf, headerValues } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import type { NameAddr } from '../message/name-addr.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { decodeUtf8 } from '../message/utf8.ts';

/** Who calls; what a configured server asserts counts more than what the caller says (RFC 3325 9.1). */
export function callerOf(request: SipRequest, trusted: boolean): { readonly peer: string; readonly name: string } {
  const from = fromOf(request);
  const caller = (trusted ? asserted(request) : null) ?? (from.ok ? from.value : null);
  return caller === null ? { peer: '', name: '' } : { peer: numberOf(caller), name: decodeUtf8(caller.display) };
}

/** What a server of ours says whom the call has reached: a name, else a number; empty = nothing (RFC 3325 9.1). */
export function reached(message: SipRequest | SipResponse): string {
  const far = asserted(message);
  return far === null ? '' : decodeUtf8(far.display) || numberOf(far);
}

/** Remote-Party-ID is what servers had before RFC 3325, and some have still. */
function asserted(message: SipRequest | SipResponse): NameAddr | null {
  const [said] = [...headerValues(message, 'P-Asserted-Identity'), ...headerValues(message, 'Remote-Party-ID')];
  const read = said === undefined ? null : parseNameAddr(said);
  return read?.ok === true ? read.value : null;
}

/** A user is called back by it, a tel: URI by its number (RFC 3966); who has neither, by the whole address. */
const numberOf = ({ uri, uriText }: NameAddr): string => uri?.user ?? /^tel:([^;?]+)/i.exec(uriText)?.[1] ?? uriText;
