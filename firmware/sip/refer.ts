/**
 * Owns the words of transfers as messages: what a REFER asks for, what a NOTIFY tells of it, which dialog a Replaces means (RFC 3515,
 * 3891, 3892, 4488). Pure values.
 */
import type { Result } from '../kernel/result.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Dialog } from './dialog.ts';
import { headerValue, headerValues } from './message/headers.ts';
import type { Header, SipRequest } from './message/message.ts';
import { parseNameAddr } from './message/name-addr.ts';
import { paramOf, parseParams, strip } from './message/scan.ts';
import { uriText as writtenUri } from './message/uri.ts';

/** What a call that somebody asked us to make carries along. */
export interface Referral {
  /** `Replaces` value: the dialog at the callee that the call takes the place of. */
  readonly replaces: string | null;
  /** `Referred-By` value, as it came (RFC 3892 2). */
  readonly referredBy: string | null;
}

export interface Referred extends Referral {
  /** Whom to call: a SIP or SIPS URI without headers, or what follows `tel:`. */
  readonly to: string;
}

/** What a REFER asks for; the error is what is wrong with it (RFC 3515 2.4.2). */
export function readRefer(request: SipRequest): Result<Referred, string> {
  const asked = headerValues(request, 'Refer-To');
  const [value] = asked;
  if (value === undefined || asked.length !== 1) return fail(`${asked.length} Refer-To values: exactly one is needed`);
  const parsed = parseNameAddr(value);
  if (!parsed.ok) return fail(`Refer-To: ${parsed.error}`);
  const { uri, uriText } = parsed.value;
  const referredBy = headerValue(request, 'Referred-By');
  if (uri === null) {
    const number = /^tel:([^;?]+)/i.exec(uriText)?.[1];
    return number === undefined
      ? fail(`Refer-To "${uriText.slice(0, 40)}": only sip, sips and tel can be called`)
      : ok({ to: number, replaces: null, referredBy });
  }
  // A method other than INVITE is no call (RFC 3515 4.1).
  const method = paramOf(uri.params, 'method');
  if (method !== undefined && method?.toUpperCase() !== 'INVITE') return fail(`Refer-To with method ${method ?? ''}`);
  const written = uri.headers.find(({ name }) => name.toLowerCase() === 'replaces')?.value ?? null;
  const replaces = written === null ? null : unescaped(written);
  const params = uri.params.filter(({ name }) => name.toLowerCase() !== 'method');
  return ok({ to: writtenUri({ ...uri, params, headers: [] }), replaces, referredBy });
}

/** The octets that an escaped header of a URI stands for (RFC 3261 19.1.1); what is no line of text stays as it is. */
function unescaped(text: string): string {
  const plain = text.replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /^[\x20-\x7e]*$/.test(plain) ? plain : text;
}

/** `Refer-To` that asks for a call to this dialog's far side in the place of our own one (RFC 3891 7.2; RFC 5589 7.3). */
export function referToReplacing({ callId, localTag, remoteTag, remoteTarget }: Dialog): string {
  const value = `${callId};to-tag=${remoteTag};from-tag=${localTag}`;
  return `<${remoteTarget}?Replaces=${encodeURIComponent(value)}>`;
}

export interface Replaces {
  readonly callId: string;
  /** Of the side that is asked: its local one. */
  readonly toTag: string;
  readonly fromTag: string;
  readonly earlyOnly: boolean;
}

/** Null where there is none; an error where there is more than one, or one that cannot be read (RFC 3891 3). */
export function readReplaces(request: SipRequest): Result<Replaces | null, string> {
  const values = request.headers.filter(({ name }) => name === 'Replaces');
  const [first] = values;
  if (first === undefined) return ok(null);
  if (values.length > 1 || headerValue(request, 'Join') !== null) return fail('Replaces stands with another one');
  const at = first.value.indexOf(';');
  const params = at === -1 ? fail('no tags') : parseParams(first.value.slice(at));
  const callId = strip(at === -1 ? '' : first.value.slice(0, at));
  if (!params.ok || callId === '' || first.value.includes(',')) return fail('Replaces cannot be read');
  const [toTag, fromTag] = [paramOf(params.value, 'to-tag'), paramOf(params.value, 'from-tag')];
  if (toTag == null || fromTag == null) return fail('Replaces without tags');
  return ok({ callId, toTag, fromTag, earlyOnly: paramOf(params.value, 'early-only') !== undefined });
}

/** Whether this is the dialog that is meant; a tag of 0 stands for none (RFC 3891 3). */
export const isReplaced = ({ callId, localTag, remoteTag }: Dialog, replaces: Replaces): boolean =>
  callId === replaces.callId &&
  localTag === replaces.toTag &&
  (remoteTag === replaces.fromTag || (remoteTag === '' && replaces.fromTag === '0'));

/** Status code of the answer that a NOTIFY of the REFER event tells of; null = it says nothing of it (RFC 3515 2.4.5, RFC 3420). */
export function sipfragStatus(request: SipRequest): number | null {
  const code = /^SIP\/2\.0\s+([1-6]\d\d)\b/i.exec(request.body)?.[1];
  return code === undefined ? null : Number(code);
}

export const isReferEvent = (request: SipRequest): boolean =>
  /^refer\s*(;|$)/i.test(headerValue(request, 'Event') ?? '');

export const isTerminated = (request: SipRequest): boolean =>
  /^terminated\b/i.test(headerValue(request, 'Subscription-State') ?? '');

/** Headers of a NOTIFY that tells how far a referred call is (RFC 3515 2.4.4, 2.4.5). `id`: of a REFER that was not the first. */
export const progressHeaders = (id: number | null, over: boolean): readonly Header[] => [
  { name: 'Event', value: id === null ? 'refer' : `refer;id=${id}` },
  { name: 'Subscription-State', value: over ? 'terminated;reason=noresource' : 'active;expires=180' },
  { name: 'Content-Type', value: 'message/sipfrag;version=2.0' },
];
